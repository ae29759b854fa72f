// Tutti as an OAuth client of an authorization server that is not ours: `oidc-provider`, in front of a small MCP server.
// Registration, consent, a call, more rights, renewal, and client credentials; a person is played by the forms.
//
// node24 login.mjs --packages DIR --tutti BINARY
// The last line is {"passed": N, "failed": M}; what failed stands before it.
import { spawn, execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const require = createRequire(join(option('--packages'), 'npm/authority/'));
const { default: Provider, errors } = await import(pathToFileURL(require.resolve('oidc-provider')));

const SECRET = 'client-secret-client-secret-client-secret';
const results = { passed: 0, failed: 0 };
const grants = [];

function check(what, holds, seen) {
  results[holds ? 'passed' : 'failed'] += 1;
  if (!holds) console.log(JSON.stringify({ problem: what, seen: String(seen).slice(0, 600) }));
}

const listen = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};

// Ports first: each side names the other.
let answerResource, answerAuthority;
const resourceServer = http.createServer((request, response) => answerResource(request, response));
const authorityServer = http.createServer((request, response) => answerAuthority(request, response));
const resource = `http://localhost:${await listen(resourceServer)}/mcp`;
const issuer = `http://localhost:${await listen(authorityServer)}`;

const provider = new Provider(issuer, {
  features: {
    registration: { enabled: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (_context, indicator) => {
        if (indicator !== resource) throw new errors.InvalidTarget();
        return { scope: 'read admin', accessTokenFormat: 'opaque' };
      },
    },
  },
  scopes: ['openid', 'offline_access', 'read', 'admin'],
  pkce: { required: () => true },
  clients: [{
    client_id: 'robot', client_secret: SECRET, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    token_endpoint_auth_method: 'client_secret_basic', scope: 'read admin',
  }],
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});
provider.on('grant.success', (context) => grants.push(context.oidc.params.grant_type));
answerAuthority = provider.callback();

const withdrawn = new Set();

answerResource = async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const answer = (status, value, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
  if (request.url.startsWith('/.well-known/oauth-protected-resource')) {
    return answer(200, { resource, authorization_servers: [issuer], scopes_supported: ['read'] });
  }
  if (request.url !== '/mcp' || request.method !== 'POST') return answer(404, {});
  const shown = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const token = shown && ((await provider.AccessToken.find(shown)) ?? (await provider.ClientCredentials.find(shown)));
  if (!token || withdrawn.has(shown) || ![token.aud].flat().includes(resource)) {
    const where = resource.replace('/mcp', '/.well-known/oauth-protected-resource/mcp');
    return answer(401, {}, { 'www-authenticate': `Bearer resource_metadata="${where}", scope="read"` });
  }
  const message = JSON.parse(body);
  const scopes = (token.scope ?? '').split(' ');
  if (message.params?.name === 'admin' && !scopes.includes('admin')) {
    return answer(403, {}, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="admin"' });
  }
  if (message.params?.name === 'withdraw') withdrawn.add(shown);
  const cache = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  const tools = ['who', 'admin', 'withdraw'].map((name) => ({ name, inputSchema: { type: 'object' } }));
  const known = {
    'server/discover': { ...cache, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    'tools/list': { ...cache, tools },
    'tools/call': { resultType: 'complete', content: [{ type: 'text', text: scopes.join(' ') }] },
  };
  const result = known[message.method];
  if (result) return answer(200, { jsonrpc: '2.0', id: message.id, result });
  return answer(404, { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'not known' } });
};

const home = mkdtempSync(join(tmpdir(), 'tutti-login-'));
const auth = { grant: 'client_credentials', client_id: 'robot', client_secret: '${ROBOT_SECRET}' };
const servers = { docs: { url: resource, auth: 'oauth' }, robot: { url: resource, auth } };
writeFileSync(join(home, 'tutti.yaml'), JSON.stringify({ servers }));
const env = { PATH: process.env.PATH, HOME: home, TUTTI_HOME: join(home, 'state'), ROBOT_SECRET: SECRET };
const start = (...words) => spawn(option('--tutti'), words, { cwd: home, env, stdio: ['ignore', 'pipe', 'ignore'] });

const tutti = (...words) => new Promise((done) => {
  execFile(option('--tutti'), words, { cwd: home, env }, (error, stdout, stderr) => {
    done({ code: error ? error.code : 0, text: stdout + stderr });
  });
});

// Follows the pages as a browser would, and says yes to each.
async function consent(url) {
  const cookies = new Map();
  let next = { url };
  for (let steps = 0; steps < 20; steps += 1) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    if (next.body) headers['content-type'] = 'application/x-www-form-urlencoded';
    const method = next.body ? 'POST' : 'GET';
    const answer = await fetch(next.url, { method, body: next.body, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const page = await answer.text();
    if (answer.status >= 300 && answer.status < 400) {
      next = { url: new URL(answer.headers.get('location'), next.url).href };
      continue;
    }
    const action = /<form[^>]*action="([^"]+)"/.exec(page);
    if (!action) return page;
    const fields = new URLSearchParams(
      [...page.matchAll(/name="(prompt|xsrf)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    if (page.includes('name="login"')) fields.set('login', 'alice');
    if (page.includes('name="password"')) fields.set('password', 'any');
    next = { url: new URL(action[1], next.url).href, body: fields.toString() };
  }
  return 'no end of pages';
}

async function login() {
  const command = start('--json', 'server', 'login', 'docs');
  const lines = createInterface({ input: command.stdout })[Symbol.asyncIterator]();
  const first = JSON.parse((await lines.next()).value);
  const page = first.url ? await consent(first.url) : JSON.stringify(first);
  check('the browser comes back', page.includes('You may close this page'), page);
  const last = (await lines.next()).value;
  return { first, last: last ? JSON.parse(last) : {} };
}

const hub = start('up', '--listen', '127.0.0.1:0', '--json');
try {
  await createInterface({ input: hub.stdout })[Symbol.asyncIterator]().next();
  const list = await tutti('server', 'list');
  check('it is told that a login is needed', list.text.includes('needs login'), list.text);
  const { first, last } = await login();
  check('the server is ready after the login', last.state === 'ready' && last.tools === 3, JSON.stringify(last));
  check('a refresh token is asked for', first.scopes?.includes('offline_access'), JSON.stringify(first));
  const call = async (what, tool, holds) => {
    const { code, text } = await tutti('tool', 'call', tool);
    check(what, holds(code, text), `${code} ${text}`);
  };
  await call('a tool works', 'docs/who', (code, text) => code === 0 && text.includes('read'));
  await call('missing rights are told', 'docs/admin', (code, text) => code === 8 && text.includes('T-0412'));
  await login();
  await call('another login brings them', 'docs/admin', (code, text) => code === 0 && text.includes('admin'));
  await call('a token is withdrawn', 'docs/withdraw', (code) => code === 0);
  await call('it is renewed without a person', 'docs/who', (code) => code === 0);
  check('it was renewed with the refresh token', grants.includes('refresh_token'), grants);
  await call('the hub logs in by itself', 'robot/who', (code) => code === 0);
  await call('and gets more rights by itself', 'robot/admin', (code, text) => code === 0 && text.includes('admin'));
} catch (error) {
  check('the script comes to its end', false, error.stack);
} finally {
  hub.kill('SIGTERM');
  await once(hub, 'exit');
  rmSync(home, { recursive: true, force: true });
}
console.log(JSON.stringify(results));
process.exit(results.failed > 0 ? 1 : 0);
