// Two tabs and a reload, each with the guide's session.js of its own, that share what a browser keeps for them.
// From the environment: URL and TOKENS (what `login` gave), of which the first is taken for refused by both tabs.

import "./keeping.mjs";

const { URL: url, TOKENS: tokens } = process.env;
globalThis.location = new URL(url);
const say = (told) => console.log(JSON.stringify(told));

let refreshed = 0;
const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  refreshed += 1;
  return fetch(input, init);
};

const [one, other] = [await import("./session.js?one"), await import("./session.js?other")];
const before = one.signedIn();
one.signIn(JSON.parse(tokens));
say({ before, after: other.signedIn() });

const first = await Promise.all([one.freshToken(), other.freshToken()]);
one.tokenRefused();
other.tokenRefused();
const second = await Promise.all([one.freshToken(), other.freshToken()]);
say({ shared: first[0] === first[1] && second[0] === second[1], replaced: first[0] !== second[0], refreshed });

const reloaded = await import("./session.js?reloaded");
say({ reloaded: reloaded.signedIn() && (await reloaded.freshToken()) === second[0], refreshed });

one.signOut();
say({ ended: await other.freshToken().catch((cause) => cause.constructor.name) });
