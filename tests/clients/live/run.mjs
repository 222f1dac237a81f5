// The page around the guide's modules: it shows a room by the module that the argument names, says as lines of JSON
// what the room looks like and what is heard, and posts what comes in as lines.
// From the environment: URL, TOKENS (what `login` gave) and ROOM.

import { createInterface } from "node:readline";
import WebSocket from "ws";
import "./keeping.mjs";

const say = (told) => console.log(JSON.stringify(told));
const [module] = process.argv.slice(2);
const { URL: url, TOKENS: tokens, ROOM: room } = process.env;

// What a browser has and Node 20 hasn't.
globalThis.location = new URL(url);
globalThis.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("close", ({ code }) => say({ closed: code }));
  }
};

const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (String(init.body).includes("mutation Refresh")) say({ refreshed: response.ok });
  return response;
};

const { signIn } = await import("./session.js");
const { POST } = await import("./documents.js");
signIn(JSON.parse(tokens));

const show = (talks) => say({ talks: talks.map(({ seq, content }) => [seq, content]).sort(([one], [other]) => one - other) });
const hear = (event) => say({ heard: event.__typename, seq: event.talk?.seq, cursor: event.cursor });
// However a client wraps them: the code of the GraphQL error, of the close, or the name of the error.
const end = (cause) => {
  const [error] = cause.graphQLErrors ?? cause.errors ?? (Array.isArray(cause) ? cause : []);
  const closed = cause.code ?? cause.networkError?.code ?? /^Socket closed with event (\d+)/.exec(cause.message)?.[1];
  say({ ended: String(error?.extensions.code ?? closed ?? cause.constructor.name) });
};

let mutate;
if (module === "apollo") {
  const { client, follow, PAGE } = await import("./apollo.js");
  const { gql } = await import("@apollo/client");
  client
    .watchQuery({ query: PAGE, variables: { room }, fetchPolicy: "cache-only" })
    .subscribe(({ data }) => data?.room && show(data.room.talks.nodes));
  await follow(room, hear, end);
  mutate = async (text, variables) => (await client.mutate({ mutation: gql(text), variables })).data;
} else {
  const { follow } = await import("./follow.js");
  const client = await import(`./${module}.js`);
  const changed = (talks, event) => {
    if (event) hear(event);
    show([...talks.values()]);
  };
  await follow(client, room, changed, end);
  mutate = client.mutate;
}
say({ ready: true });

for await (const line of createInterface(process.stdin)) {
  const input = { roomId: room, content: line, clientKey: line };
  const { postTalk } = await mutate(POST, { input });
  say({ posted: postTalk.talk.seq, replayed: postTalk.replayed });
}
process.exit();
