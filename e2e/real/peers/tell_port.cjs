// Loaded into a Node server before its own code: prints the port that it listens on, and ends it with standard input.

const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (...args) {
  this.once("listening", () => console.log(JSON.stringify({ port: this.address().port })));
  return listen.apply(this, args);
};
process.stdin.on("end", () => process.exit(0)).resume();
