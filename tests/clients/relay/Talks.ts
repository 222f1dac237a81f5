// The talks of a room: the newest page first, older ones on demand, both ways in one connection.
import { graphql } from "react-relay";

graphql`
  query TalksQuery($room: ID!) {
    node(id: $room) {
      ...Talks_room @alias(as: "room")
    }
  }
`;

graphql`
  fragment Talks_room on Room
  @refetchable(queryName: "TalksPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int", defaultValue: 50 }
    before: { type: "String" }
  ) {
    lastSeq
    talks(first: $first, after: $after, last: $last, before: $before) @connection(key: "Talks_talks") {
      edges {
        node {
          ...Talks_talks
        }
      }
    }
  }
`;

graphql`
  fragment Talks_talks on Talk @relay(plural: true) {
    seq
    content
    creator {
      displayName
    }
    createTime
    editTime
    removeTime
  }
`;

graphql`
  mutation TalksPostMutation($input: PostTalkInput!, $connections: [ID!]!) {
    postTalk(input: $input) {
      replayed
      talk @appendNode(connections: $connections, edgeTypeName: "TalkEdge") {
        id
        ...Talks_talks
      }
    }
  }
`;
