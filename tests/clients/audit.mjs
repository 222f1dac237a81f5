// The GraphQL Foundation's audits of GraphQL over HTTP, against the server that the argument names.
// Prints a line for each audit that isn't ok, and a closing line of JSON: {total, ok, notice, warn, error}.

import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
const audits = serverAudits({ url, fetchFn: fetch });
const counts = { total: audits.length, ok: 0, notice: 0, warn: 0, error: 0 };

for (const audit of audits) {
  const result = await audit.fn();
  counts[result.status] += 1;
  if (result.status === "ok") continue;
  console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
  console.log(`    ${result.response.status} ${await result.response.text().catch(() => "(read)")}`);
}
console.log(JSON.stringify(counts));
