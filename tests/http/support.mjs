// Starts the real programs in a temporary folder and drives them with the real curl.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findBinary } from '../support/binary.mjs';
import * as programs from '../support/program.mjs';

/** The sandbox's app, and its second one with the same keys. */
export const APP_ID = '2021000000000001';
export const OTHER_APP_ID = '2021000000000002';

/** The program under test. */
export const binary = findBinary();

/** Creates a temporary folder, and removes it after the test. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-http-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the program to its end. */
export function run(args, options) {
  return programs.run([binary, ...args], { timeout: 30_000, ...options });
}

/** Creates a self-signed certificate for 127.0.0.1, and its key. */
export function makeCertificate(folder, name) {
  const files = { certificate: path.join(folder, `${name}.pem`), key: path.join(folder, `${name}-key.pem`) };
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const out = ['-out', files.certificate, '-keyout', files.key];
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, ...out], { stdio: 'pipe' });
  return files;
}

/** Starts a sandbox with its state in the folder. */
export function startSandbox(t, folder, args = []) {
  const own = [binary, 'sandbox', '--listen', '127.0.0.1:0', '--state-dir', path.join(folder, 'sandbox')];
  return programs.start(t, [...own, ...args], { cwd: folder }).listening();
}

/** Returns the settings of a server that uses this sandbox. */
export function settings(folder, sandbox) {
  return {
    MINIAUTH_LISTEN: '127.0.0.1:0',
    MINIAUTH_DATABASE: `sqlite://${path.join(folder, 'miniauth.db')}`,
    MINIAUTH_APP_ID: APP_ID,
    MINIAUTH_APP_PRIVATE_KEY_FILE: path.join(folder, 'sandbox', 'app-private-key.pem'),
    MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: path.join(folder, 'sandbox', 'alipay-public-key.pem'),
    MINIAUTH_CONTENT_KEY_FILE: path.join(folder, 'sandbox', 'content-key.txt'),
    MINIAUTH_GATEWAY: `${sandbox.url}/gateway.do`,
  };
}

/** Starts a server in the folder. `blocks` limits its files to that many blocks of 512 bytes; `program` may be another version. */
export function startServer(t, folder, env, { blocks, program = binary } = {}) {
  const limited = ['sh', '-c', `ulimit -S -f ${blocks}; exec "$0" "$@"`];
  return programs.start(t, [...(blocks ? limited : []), program, 'serve'], { cwd: folder, env }).listening();
}

/** Starts a sandbox and a server. */
export async function startBoth(t, env = {}) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  const server = await startServer(t, folder, { ...settings(folder, sandbox), ...env });
  return { folder, sandbox, server, control: new Control(sandbox.url) };
}

/** A gateway in front of the sandbox's that holds calls until they are released. */
export class HoldingGateway {
  #held = [];
  #isReleased = false;
  #target;
  #server;
  url;

  static async start(t, sandbox) {
    const gateway = new HoldingGateway();
    gateway.#target = Number(new URL(sandbox.url).port);
    gateway.#server = createServer({ pauseOnConnect: true }, (connection) => {
      // A killed program breaks its connections.
      connection.on('error', () => connection.destroy());
      if (gateway.#isReleased) gateway.#passOn(connection);
      else gateway.#held.push(connection);
    });
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    gateway.url = `http://127.0.0.1:${gateway.#server.address().port}/gateway.do`;
    t.after(() => {
      gateway.#held.forEach((connection) => connection.destroy());
      gateway.#server.close();
    });
    return gateway;
  }

  /** Waits until the gateway is called. */
  async called() {
    if (this.#held.length === 0) {
      await once(this.#server, 'connection');
    }
  }

  /** Passes on all held calls, and any that come later: one may still be on its way here. */
  release() {
    this.#isReleased = true;
    this.#held.splice(0).forEach((connection) => this.#passOn(connection));
  }

  #passOn(connection) {
    connection.pipe(connect(this.#target, '127.0.0.1')).pipe(connection);
  }
}

/** Runs curl and returns status, headers (lower-case names) and body, parsed if it is JSON. */
export function curl(...args) {
  return new Promise((resolve, reject) => {
    const all = ['--silent', '--show-error', '--include', '--max-time', '60', ...args];
    execFile('curl', all, { encoding: 'utf8', maxBuffer: 16 << 20 }, (error, stdout) => {
      if (error) {
        reject(error);
      } else {
        resolve(answerOf(stdout));
      }
    });
  });
}

function answerOf(text) {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine, ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const rest = text.slice(end + 4);
  if (status === 100) {
    return answerOf(rest);
  }
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name, ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()];
    }),
  );
  return { status, headers, body: /json/.test(headers['content-type']) ? JSON.parse(rest) : rest };
}

/** Posts a JSON body. */
export function postJson(url, body, ...args) {
  return curl('--json', typeof body === 'string' ? body : JSON.stringify(body), ...args, url);
}

/** Posts to /auth. */
export function postAuth(server, body, ...args) {
  return postJson(`${server.url}/auth`, body, ...args);
}

/** Sends a request with a session. */
export function withSession(server, session, where, ...args) {
  return curl('--header', `Authorization: Bearer ${session}`, ...args, `${server.url}${where}`);
}

/** Asserts that the answer is this problem, with all its fields. */
export function assertProblem(answer, status, code) {
  assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body));
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.type, `urn:miniauth:problem:${code}`);
  assert.equal(typeof answer.body.title, 'string');
  assert.equal(typeof answer.body.reauthorize, 'boolean');
  assert.match(answer.body.advice.zh, /[\u4e00-\u9fff].*。$/u);
  assert.match(answer.body.advice.en, /\.$/);
}

/** The sandbox's control interface. */
export class Control {
  #url;

  constructor(url) {
    this.#url = `${url}/control`;
  }

  async #ask(method, where, body) {
    const data = body === undefined ? [] : ['--json', JSON.stringify(body)];
    const answer = await curl('--request', method, ...data, `${this.#url}${where}`);
    assert.ok(answer.status >= 200 && answer.status < 300, `${where}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Gets a code for a user, who agrees to everything. */
  async authCode(user, scope = 'auth_base', options = {}) {
    if (scope === 'auth_user') {
      await this.#ask('POST', '/consent', { user, scope, decision: 'accept' });
    }
    return (await this.#ask('POST', '/auth-codes', { user, scopes: [scope], ...options })).auth_code;
  }

  /** Finds a user by id. */
  async user(id) {
    return (await this.#ask('GET', '/users')).users.find((user) => user.id === id);
  }

  /** Creates a user. */
  newUser() {
    return this.#ask('POST', '/users', {});
  }

  /** Sets which reading of the platform's sources the gateway follows from now on: `ids:both`, say. */
  async profile(profile) {
    await this.#ask('PUT', '/profiles', { profile });
  }

  /** Makes the gateway misbehave. */
  async fault(kind, options = {}) {
    await this.#ask('PUT', '/fault', { kind, ...options });
  }

  /** Puts the product 获取会员信息 in force, or not. */
  async productInForce(inForce) {
    await this.#ask('PUT', '/product', { in_force: inForce });
  }

  /** Withdraws all of a user's consents, as in the platform's settings. */
  async withdraw(user) {
    await this.#ask('DELETE', `/consent?user=${user}`);
  }

  /** Sets the address to which the platform sends its messages; null means none. */
  async messageAddress(address) {
    await this.#ask('PUT', '/message-address', { address });
  }

  /** Returns the platform's messages so far, with their deliveries. */
  async messages() {
    return (await this.#ask('GET', '/messages')).messages;
  }

  /** Lets time pass for messages waiting to be sent again. */
  async passTime(seconds) {
    await this.#ask('POST', '/messages/advance', { seconds });
  }

  /** Has the console check the address for messages. */
  async checkAddress() {
    await this.#ask('POST', '/messages/check', {});
  }

  /** Waits until the last message was sent this many times, whatever the answers, and returns it. */
  async message(deliveries = 1) {
    for (let tries = 0; tries < 400; tries += 1) {
      const message = (await this.messages()).at(-1);
      if (message?.deliveries.length >= deliveries) return message;
      await wait(50);
    }
    throw new Error(`not sent ${deliveries} times: ${JSON.stringify(await this.messages())}`);
  }

  /** Returns the methods of the gateway calls so far. */
  async calls() {
    return (await this.callLog()).map((call) => call.method);
  }

  /** Returns the gateway calls after that number, with method and outcome. */
  async callLog(after = 0) {
    return (await this.#ask('GET', `/calls?after=${after}`)).calls;
  }
}

/** Returns the bytes of the database and its journal. */
export async function storedBytes(folder) {
  const file = path.join(folder, 'miniauth.db');
  const journal = await readFile(`${file}-wal`).catch(() => Buffer.alloc(0));
  return Buffer.concat([await readFile(file), journal]);
}
