// Loses the connection in the middle of a call, with an official TypeScript SDK: the answer comes all the same.
//
//   node resume.mjs NAME URL SDK PACKAGES SERVER
//
// resume.py says the same with the Python SDK.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";

import { call, connected } from "../sdk.mjs";

const [name, url, sdk, packages, server] = process.argv.slice(2);
const timeout = 30_000;
const hub = new URL(url);

// Passes bytes on, until all its connections are cut.
const sockets = new Set();
let sent = "";
const proxy = createServer((client) => {
  const upstream = connect(Number(hub.port), hub.hostname);
  client.on("data", (data) => {
    sent += data.toString("latin1").toLowerCase();
  });
  for (const [from, to] of [[client, upstream], [upstream, client]]) {
    sockets.add(from);
    from.pipe(to);
    from.on("error", () => {}).on("close", () => to.destroy());
  }
});

async function loseConnection() {
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const through = `http://127.0.0.1:${proxy.address().port}${hub.pathname}`;
  const given = { transport: "http", era: "legacy", sdk, packages, timeoutMs: timeout };
  const { client } = await connected({ ...given, url: through });
  const { client: other } = await connected({ ...given, url });
  const steps = [];
  let heard;
  const twoSteps = new Promise((resolve) => (heard = resolve));
  const onprogress = ({ progress }) => {
    steps.push(progress);
    if (progress === 2) heard();
  };
  const answer = call(client, sdk, `${server}__steps`, { count: 2, word: name }, { timeout, onprogress });
  await Promise.race([twoSteps, answer]);
  for (const socket of sockets) socket.resetAndDestroy();
  await call(other, sdk, `${server}__release`, { word: name }, { timeout });
  const result = await answer;
  assert.deepEqual([result.content[0].text, steps], ["2 steps", [1, 2]]);
  assert.ok(sent.includes("\r\nlast-event-id:"), "it says where it was");
  // What was cut is over: the session goes on as before.
  const again = await call(client, sdk, `${server}__echo`, { message: "again" }, { timeout });
  assert.equal(again.content[0].text, "again");
}

const problem = await loseConnection().then(() => null, String);
console.log(JSON.stringify({ check: `${name} takes up the answer of ${server} again`, problem }));
process.exit(0);
