// The houses of a viewer, page by page, and a house found again by its id.
import { graphql } from "react-relay";

graphql`
  query HousesQuery {
    viewer {
      username
    }
    ...Houses_query
  }
`;

graphql`
  fragment Houses_query on Query
  @refetchable(queryName: "HousesPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    houses(first: $count, after: $cursor) @connection(key: "Houses_houses") {
      edges {
        node {
          ...Houses_house
        }
      }
    }
  }
`;

graphql`
  fragment Houses_house on House @refetchable(queryName: "HouseRefetchQuery") {
    name
    description
    visibility
    createTime
    memberCount
    viewerRole
    ...Rooms_house
  }
`;
