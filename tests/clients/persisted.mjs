// Automatic persisted queries as Apollo Client and urql send them, against the server that the argument names.
// Prints what each request held as a line of JSON.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

const [server] = process.argv.slice(2);
const uri = `${server}/graphql`;
const sha256 = async (text) => createHash("sha256").update(text).digest("hex");

// Fetches, and notes by which method, and whether the document was sent.
function watched() {
  const seen = [];
  const watch = async (url, options = {}) => {
    const method = options.method ?? "GET";
    const given = method === "GET" ? Object.fromEntries(new URL(url).searchParams) : JSON.parse(options.body);
    const response = await fetch(url, options);
    seen.push([method, given.query ? "document" : "hash", response.status]);
    return response;
  };
  return { seen, watch };
}

async function askThrice(ask) {
  for (let time = 0; time < 3; time++) assert.deepEqual(await ask(), null);
}

async function apollo(name, useGETForHashedQueries) {
  const { seen, watch } = watched();
  const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(new HttpLink({ uri, fetch: watch }));
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query = gql(`query ${name} { viewer { id username } }`);
  await askThrice(async () => (await client.query({ query, fetchPolicy: "no-cache" })).data.viewer);
  return seen;
}

async function urql(name, preferGetForPersistedQueries) {
  const { seen, watch } = watched();
  const exchanges = [persistedExchange({ generateHash: sha256, preferGetForPersistedQueries }), fetchExchange];
  const client = new Client({ url: uri, fetch: watch, exchanges, preferGetMethod: false });
  await askThrice(async () => {
    const { data, error } = await client.query(`query ${name} { viewer { id username } }`, {}).toPromise();
    assert.equal(error, undefined);
    return data.viewer;
  });
  return seen;
}

console.log(
  JSON.stringify({
    apollo: await apollo("ApolloPosts", false),
    apolloByGet: await apollo("ApolloGets", true),
    urql: await urql("UrqlPosts", false),
    urqlByGet: await urql("UrqlGets", "force"),
  }),
);
