// A day in a chat with nothing but `fetch`, against the server that the argument names.
// Stops at the first thing that isn't as it should be; prints what it saw as a line of JSON.

import assert from "node:assert/strict";

const [url] = process.argv.slice(2);
const TALKS = 1000;
const AT_ONCE = 8;
const PAGE = 100;
let token = null;

async function ask(query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

async function perform(mutation, input, gives) {
  const kind = mutation[0].toUpperCase() + mutation.slice(1) + "Input";
  return (await ask(`mutation($input: ${kind}!) { ${mutation}(input: $input) { ${gives} } }`, { input }))[mutation];
}

async function page(room, window) {
  const { room: found } = await ask(
    `query($room: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      room(id: $room) {
        lastSeq
        talks(first: $first, after: $after, last: $last, before: $before) {
          edges { cursor node { id seq content } }
          pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
        }
      }
    }`,
    { room, ...window },
  );
  const { edges, pageInfo } = found.talks;
  assert.equal(pageInfo.startCursor, edges[0].cursor);
  assert.equal(pageInfo.endCursor, edges.at(-1).cursor);
  return { talks: edges.map(({ node }) => node), pageInfo };
}

async function readForwards(room) {
  const pages = [];
  for (let after = null, more = true; more; ) {
    const { talks, pageInfo } = await page(room, { first: PAGE, after });
    assert.equal(pageInfo.hasPreviousPage, pages.length > 0);
    pages.push(talks);
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  return pages;
}

async function readBackwards(room) {
  const pages = [];
  for (let before = null, more = true; more; ) {
    const { talks, pageInfo } = await page(room, { last: PAGE, before });
    assert.equal(pageInfo.hasNextPage, pages.length > 0);
    pages.unshift(talks);
    [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
  }
  return pages;
}

const credentials = { username: "nora", password: "nine violet teapots" };
await perform("register", credentials, "user { id }");
const login = await perform("login", credentials, "accessToken refreshToken expiresIn user { username }");
token = login.accessToken;

const { house } = await perform("createHouse", { name: "Engine" }, "house { id viewerRole }");
const { room } = await perform("createRoom", { houseId: house.id, title: "Hall" }, "room { id }");

// Several writers take turns at one list, as a client with many tabs does.
const posted = [];
let next = 1;
async function write() {
  while (next <= TALKS) {
    const number = next++;
    const input = { roomId: room.id, content: `talk ${number}`, clientKey: `key ${number}` };
    const { talk, replayed } = await perform("postTalk", input, "replayed talk { id seq content }");
    assert.equal(replayed, false);
    assert.equal(talk.content, input.content);
    posted.push(talk);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, write));

const forwards = await readForwards(room.id);
const backwards = await readBackwards(room.id);
assert.deepEqual(
  forwards.flat().map(({ seq }) => seq),
  Array.from({ length: TALKS }, (_, index) => index + 1),
);
assert.deepEqual(backwards.flat(), forwards.flat());
assert.deepEqual(forwards.flat(), posted.sort((one, other) => one.seq - other.seq));

const [first, second] = posted;
const retry = { roomId: room.id, content: first.content, clientKey: first.content.replace("talk", "key") };
const retried = await perform("postTalk", retry, "replayed talk { id seq }");
const { talk: edited } = await perform("editTalk", { talkId: first.id, content: "again" }, "talk { seq content editTime }");
const { talk: removed } = await perform("removeTalk", { talkId: second.id }, "talk { id }");
const { talks: beginning } = await page(room.id, { first: 3 });

// Only the new token is used from here on.
const refreshed = await perform("refresh", { refreshToken: login.refreshToken }, "accessToken refreshToken expiresIn");
token = refreshed.accessToken;
const { viewer, room: found } = await ask(`query($id: ID!) { viewer { username } room(id: $id) { lastSeq } }`, { id: room.id });

console.log(
  JSON.stringify({
    viewer: viewer.username,
    role: house.viewerRole,
    pages: [forwards.length, backwards.length],
    talks: forwards.flat().length,
    lastSeq: found.lastSeq,
    retry: { replayed: retried.replayed, same: retried.talk.id === first.id },
    edited: { content: edited.content, stamped: edited.editTime !== null },
    tombstone: { same: removed.id === beginning[1].id, content: beginning[1].content },
    beginning: beginning.map(({ seq }) => seq),
    rotated: refreshed.refreshToken !== login.refreshToken && refreshed.accessToken !== login.accessToken,
  }),
);
