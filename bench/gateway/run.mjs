// Measures signing, verifying and logins, as ratios that hold on any machine: all figures are CPU time of one run.
//
//   node bench/gateway/run.mjs [--binary PATH] [--logins N] [--json FILE]
//
// Needs openssl. Builds the Rust side in release mode. One login at a time also pays for waking threads, which stay awake while
// several logins are under way, and for waking processors, unless `cargo xtask bench` keeps them awake. Exits with 1 if a login
// costs more than its limit; with --json the limits are in FILE, for the reader to judge.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';

import { AlipaySdk } from 'alipay-sdk';

/** The limit for a login, as a multiple of two signatures and two verifications: the HTTP client is a library's. */
const ALLOWED = 1.75;

const ROOT = path.join(import.meta.dirname, '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string' },
    json: { type: 'string' },
    logins: { type: 'string', default: '1500' },
  },
});

/** The program that measures the Rust side. */
function measuringProgram() {
  const cargo = (...args) =>
    execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'inherit'] });
  const example = ['--example', 'gateway_cost', '--package', 'miniauth-openplatform'];
  const report = cargo('build', '--quiet', '--release', '--message-format=json', ...example);
  const artifacts = report
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return artifacts.find(({ executable }) => executable).executable;
}

/** Returns the CPU time per call that openssl itself measures, in microseconds. */
function opensslSpeed() {
  const report = execFileSync('openssl', ['speed', '-seconds', '3', 'rsa2048'], { encoding: 'utf8', stdio: 'pipe' });
  const [, sign, verify] = /^rsa 2048 bits\s+\S+\s+\S+\s+(\S+)\s+(\S+)/m.exec(report);
  return { sign_us: 1e6 / Number(sign), verify_us: 1e6 / Number(verify) };
}

/** Measures the CPU time per call in microseconds. */
function perCall(calls, call) {
  const start = process.cpuUsage();
  for (let index = 0; index < calls; index += 1) {
    call();
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

/** Calls the official Node SDK as its users do: it signs each request and checks each answer. */
async function officialSdk(sandbox) {
  const { config } = sandbox;
  const sdk = new AlipaySdk({
    appId: config.app_id,
    privateKey: config.app_private_key,
    keyType: 'PKCS8',
    alipayPublicKey: config.alipay_public_key,
    gateway: config.gateway,
  });
  const parameters = { grantType: 'authorization_code', code: '0123456789abcdef0123456789abcdef' };
  const signs = () => sdk.sdkExecute('alipay.system.oauth.token', parameters);
  const answer = await fetch(`${config.gateway}?${signs()}`, { method: 'POST' });
  const body = await answer.text();
  const { sign } = JSON.parse(body);
  // The SDK's own check finds the node by the method's name, but this answer is an error_response.
  const checks = () => sdk.checkResponseSign(body.replace('error_response', 'x_response'), 'x_response', sign, '');
  perCall(50, signs);
  perCall(50, checks);
  return { sign_us: perCall(400, signs), verify_us: perCall(4_000, checks) };
}

/** Auth codes, one on a line. */
async function codesFile(sandbox, folder, name, count) {
  const codes = [await sandbox.code('zhang-wei')];
  while (codes.length < count) {
    const issue = () => sandbox.control('POST', 'auth-codes', { user: 'zhang-wei', scopes: ['auth_user'] });
    const issued = await Promise.all(Array.from({ length: Math.min(50, count - codes.length) }, issue));
    codes.push(...issued.map(({ auth_code: code }) => code));
  }
  const file = path.join(folder, name);
  await writeFile(file, codes.join('\n'));
  return file;
}

async function measure(folder, cleanUps) {
  if (options.binary) {
    process.env.MINIAUTH_BINARY = path.resolve(options.binary);
  }
  const program = measuringProgram();
  const { Sandbox } = await import('../../tests/interoperability/support.mjs');
  const sandbox = await Sandbox.start({ after: (cleanUp) => cleanUps.push(cleanUp) }, folder);
  const description = path.join(folder, 'sandbox.json');
  const cost = async (inFlight) => {
    const codes = await codesFile(sandbox, folder, `codes-${inFlight}`, Number(options.logins));
    // Asynchronous, to notice when connections to the sandbox close meanwhile.
    const { stdout } = await promisify(execFile)(program, [description, codes, String(inFlight)]);
    return JSON.parse(stdout);
  };
  return { openssl: opensslSpeed(), sdk: await officialSdk(sandbox), alone: await cost(1), busy: await cost(16) };
}

/** Every figure: microseconds of CPU time, and the ratio to its reference. */
function figures({ openssl, sdk, alone, busy }) {
  const ours = { sign_us: Math.min(alone.sign_us, busy.sign_us), verify_us: Math.min(alone.verify_us, busy.verify_us) };
  const round = (number, digits) => Number(number.toFixed(digits));
  const row = (group, name, value, base, against) => ({
    group,
    name,
    value: round(value, 1),
    unit: 'µs of CPU time',
    ratio: round(value / base, 2),
    against: `${against}, ${round(base, 1)} µs`,
  });
  const login = (name, { login_us: cost, floor_us: floor }) => ({
    ...row('Login', name, cost, floor, 'two signatures and two verifications'),
    at_most: ALLOWED,
  });
  return [
    row('Beside openssl', 'sign', ours.sign_us, openssl.sign_us, 'openssl speed'),
    row('Beside openssl', 'verify an answer, scan included', ours.verify_us, openssl.verify_us, 'openssl speed'),
    row('Beside the official Node SDK', 'sign', ours.sign_us, sdk.sign_us, 'official Node SDK'),
    row('Beside the official Node SDK', 'verify an answer, scan included', ours.verify_us, sdk.verify_us, 'official Node SDK'),
    login('one at a time', alone),
    login('16 at once', busy),
  ];
}

async function show(rows) {
  console.table(rows);
  if (options.json) {
    await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  const good = rows.every(({ ratio, at_most: limit = Infinity }) => ratio <= limit);
  console.log(`${ALLOWED} times its floor is allowed for a login: ${good ? 'good' : 'TOO MUCH'}`);
  process.exitCode = good || options.json ? 0 : 1;
}

const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-bench-gateway-'));
const cleanUps = [];
try {
  await show(figures(await measure(folder, cleanUps)));
} finally {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
  await rm(folder, { recursive: true, force: true });
}
