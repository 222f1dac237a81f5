// The rooms of a house, newest first; a room that is opened goes to the front.
import { graphql } from "react-relay";

graphql`
  fragment Rooms_house on House
  @refetchable(queryName: "RoomsPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    rooms(first: $count, after: $cursor) @connection(key: "Rooms_rooms") {
      edges {
        node {
          ...Rooms_room
        }
      }
    }
  }
`;

graphql`
  fragment Rooms_room on Room {
    databaseId
    title
    topic
    creator {
      displayName
    }
  }
`;

graphql`
  mutation RoomsCreateMutation($input: CreateRoomInput!, $connections: [ID!]!) {
    createRoom(input: $input) {
      room @prependNode(connections: $connections, edgeTypeName: "RoomEdge") {
        ...Rooms_room
      }
    }
  }
`;

graphql`
  mutation RoomsDeleteMutation($input: DeleteRoomInput!, $connections: [ID!]!) {
    deleteRoom(input: $input) {
      roomId @deleteEdge(connections: $connections) @deleteRecord
    }
  }
`;
