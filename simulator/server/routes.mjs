import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import http from 'node:http';
import { locateStack } from '../compile/logic.mjs';
import { codeFrame } from './code-frame.mjs';
import { forward, parseOutgoing } from './forward.mjs';
import { packagedFiles } from './packaged-files.mjs';
import { baseHeaders, HttpFault, readBody, readJson, respond, respondJson, WORKER_POLICY } from './respond.mjs';

const IMAGE_TYPES = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};
/** The app id of the sandbox's app. */
export const APP_ID = '2021000000000001';

const REPORT_LIMIT = 64 * 1024;
/** A body of 10 MB in base64, plus the JSON around it. */
const REQUEST_LIMIT = 15 * 1024 * 1024;

/**
 * Serves everything that the host page requests below `/__simulator/`.
 *
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 *
 * @typedef {import('../stack/addresses.mjs').Address & { local: string | null }} KnownAddress `local`: the local server for it
 *
 * @typedef {object} Context
 * @property {import('./builder.mjs').ProjectBuilder} builder
 * @property {Record<string, string>} assets the host page's files, by name
 * @property {Record<string, string>} mapping whitelisted origin -> local origin
 * @property {KnownAddress[]} addresses the app's servers; https ones are whitelisted even without a local server
 * @property {(() => Promise<object[]>) | null} members reads what the server has stored; null without a server
 * @property {string} sandboxUrl
 * @property {string} profile the default when the page's address names none
 * @property {(line: string) => void} onLog
 *
 * @param {Context} context
 * @returns {(request: Request, response: Response, url: URL) => Promise<void> | void}
 */
export function createRoutes(context) {
  const { builder, assets } = context;
  const exact = {
    'GET /': (_request, response) => respond(response, 'html', assets.html),
    'GET /__simulator/host.js': (_request, response) => respond(response, 'js', assets['host.js']),
    'GET /__simulator/vue.js': (_request, response) => respond(response, 'js', assets['vue.js']),
    'GET /__simulator/host.css': (_request, response) => respond(response, 'css', assets['host.css']),
    'GET /__simulator/styles.css': (_request, response) => respond(response, 'css', builder.project.css),
    'GET /__simulator/worker.js': (_request, response) => respond(response, 'js', builder.project.logic, { policy: WORKER_POLICY }),
    'GET /__simulator/project.json': async (_request, response) => respondJson(response, await describeProject(context)),
    'GET /__simulator/members': async (_request, response) =>
      respondJson(response, { members: context.members ? await context.members() : null }),
    'GET /__simulator/events': (request, response) => streamBuilds(request, response, builder),
    'GET /__simulator/avatar': (_request, response, url) => sendAvatar(response, url),
    'POST /__simulator/request': (request, response) => sendRequest(request, response, context),
    'POST /__simulator/report': (request, response) => takeReport(request, response, context),
  };
  return (request, response, url) => {
    const route = exact[`${request.method} ${url.pathname}`];
    if (route) return route(request, response, url);
    const [, area, rest] = /^\/__simulator\/(control|views|files|workers|modules)\/(.+)$/.exec(url.pathname) ?? [];
    if (area === 'control') return proxyControl(request, response, context.sandboxUrl, rest + url.search);
    if (area === 'views' && request.method === 'GET') return sendView(response, builder, rest);
    if (area === 'files' && request.method === 'GET') return sendFile(response, builder, rest);
    if (area === 'workers' && request.method === 'GET') return sendWorker(response, builder, rest);
    if (area === 'modules' && request.method === 'GET') return sendModule(response, builder.folder, rest);
    throw new HttpFault(404, `there is nothing at ${url.pathname}`);
  };
}

async function describeProject({ builder, mapping, addresses, profile }) {
  const { manifest, views, faults, notices } = builder.project;
  return {
    build: builder.id,
    sources: builder.sources,
    manifest,
    faults: await withCode(builder.project, faults),
    notices,
    handlers: Object.fromEntries(Object.entries(views).map(([file, { handlers }]) => [file, handlers])),
    profile,
    appId: APP_ID,
    extConfig: await readExt(builder.folder),
    packaged: await packagedFiles(builder.folder, builder.project.assets),
    whitelist: [...new Set([...Object.keys(mapping), ...addresses.map(({ origin }) => origin)])],
    addresses,
    avatarHost: AVATAR_HOST,
  };
}

function withCode(project, faults) {
  return Promise.all(faults.map(async (fault) => ({ ...fault.toJSON(), code: await codeFrame(project, fault) })));
}

/** Reads ext.json, the settings of an app made from a template; undefined if missing or invalid. */
async function readExt(folder) {
  try {
    return JSON.parse(await readFile(path.join(folder, 'ext.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Sends a view or a module that it imports. */
function sendView(response, builder, name) {
  const file = decoded(name).replace(/\.js$/, '');
  if (!Object.hasOwn(builder.project.views, file)) throw new HttpFault(404, `there is no view ${file}`);
  respond(response, 'js', builder.project.views[file].code);
}

function sendWorker(response, builder, name) {
  const index = builder.project.workers.findIndex((_, at) => `${at}.js` === name);
  if (index < 0) throw new HttpFault(404, `there is no Worker ${name}`);
  respond(response, 'js', builder.project.workers[index].code, { policy: WORKER_POLICY });
}

/** Sends an image of the package; symbolic links out of its folder are not followed. */
async function sendFile(response, builder, name) {
  const type = IMAGE_TYPES[path.extname(name).toLowerCase()];
  const root = await realpath(builder.folder);
  const file = await realpath(path.join(root, decoded(name))).catch(() => null);
  if (!type || !file || !file.startsWith(root + path.sep)) throw new HttpFault(404, `there is no image ${name}`);
  response.writeHead(200, { ...baseHeaders(), 'content-type': type });
  response.end(await readFile(file));
}

function sendAvatar(response, url) {
  const image = drawAvatar(url.searchParams.get('url') ?? '');
  if (image === null) throw new HttpFault(404, `only avatars on ${AVATAR_HOST} are drawn`);
  respond(response, 'svg', image);
}

/** Streams server-sent events: the id of the current build, then of each later one. */
function streamBuilds(request, response, builder) {
  response.writeHead(200, { ...baseHeaders(), 'content-type': 'text/event-stream' });
  const tell = (id) => response.write(`event: build\ndata: ${id}\n\n`);
  tell(builder.id);
  request.on('close', builder.subscribe(tell));
}

/** Sends a request of page code and streams the result as JSON lines: progress first, the outcome last. */
async function sendRequest(request, response, { mapping }) {
  const outgoing = parseOutgoing(await readJson(request, REQUEST_LIMIT));
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  response.writeHead(200, { ...baseHeaders(), 'content-type': 'application/x-ndjson' });
  const line = (value) => void response.write(`${JSON.stringify(value)}\n`);
  const tells =
    (progress) =>
    (...of) =>
      line({ progress, of });
  const told = { sent: tells('sent'), headers: tells('headers'), received: tells('received') };
  const answer = await forward(outgoing, mapping, abort.signal, { progress: outgoing.progress ? told : undefined });
  line('failed' in answer ? answer : { ...answer, body: answer.body.toString('base64') });
  response.end();
}

/** Handles an error or notice from the running page: locates it in the sources and logs it to the terminal. */
async function takeReport(request, response, { builder, onLog }) {
  const { message, stack, place, isNotice } = await readJson(request, REPORT_LIMIT);
  const frames = place ? [place] : locateStack(builder.project, String(stack ?? ''));
  const where = frames.map(({ file, line, column }) => `${file}:${line}:${column}`);
  onLog(
    `${where[0] ?? 'mini-program'}: ${isNotice ? 'notice: ' : ''}${String(message)}${where
      .slice(1)
      .map((frame) => `\n    at ${frame}`)
      .join('')}`,
  );
  respondJson(response, { frames, code: await codeFrame(builder.project, frames[0] ?? {}) });
}

const LARGEST_BODY = 64 * 1024;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/**
 * Forwards a call to the sandbox's control interface, and nothing else.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} sandboxUrl
 * @param {string} pathAndQuery below `/control/`
 */
export async function proxyControl(request, response, sandboxUrl, pathAndQuery) {
  if (!METHODS.includes(request.method)) throw new HttpFault(405, `the control interface takes ${METHODS.join(', ')}`);
  const target = new URL(`/control/${pathAndQuery}`, sandboxUrl);
  if (!target.pathname.startsWith('/control/')) throw new HttpFault(404, 'no such control');
  const body = await readBody(request, LARGEST_BODY);
  const headers =
    body.length > 0 ? { 'content-type': request.headers['content-type'] ?? 'application/json', 'content-length': body.length } : {};
  await new Promise((resolve, reject) => {
    const forwarded = http.request(target, { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, {
        ...baseHeaders(),
        'content-type': answer.headers['content-type'] ?? 'application/json',
      });
      answer.pipe(response).on('finish', resolve).on('error', reject);
    });
    forwarded.on('error', () => reject(new HttpFault(502, `the sandbox at ${sandboxUrl} is not responding`)));
    forwarded.end(body);
  });
}

/** The value that mini.project.json needs for WebAssembly modules to be packaged. */
const PACKAGED = '**/*.wasm';

/**
 * Sends a WebAssembly module of the package, for `MYWebAssembly`. Modules that the platform would not package are not found: those in
 * node_modules, and all of them unless mini.project.json includes them.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {string} folder the mini-program's folder
 * @param {string} name the module's path in the folder
 */
export async function sendModule(response, folder, name) {
  const root = await realpath(folder);
  const file = await realpath(path.join(root, decoded(name))).catch(() => null);
  if (!file || !file.startsWith(root + path.sep) || path.extname(file) !== '.wasm') {
    throw new HttpFault(404, `there is no module /${name} in the package`);
  }
  if (path.relative(root, file).split(path.sep).includes('node_modules')) {
    throw new HttpFault(404, `/${name} is not packaged: modules in node_modules are not`);
  }
  if (!(await packagesModules(root))) {
    throw new HttpFault(404, `/${name} is not packaged: mini.project.json lacks "assetsInclude": ["${PACKAGED}"]`);
  }
  const bytes = await readFile(file);
  response.writeHead(200, { ...baseHeaders(), 'content-type': 'application/wasm' });
  response.end(bytes);
}

async function packagesModules(root) {
  const text = await readFile(path.join(root, 'mini.project.json'), 'utf8').catch(() => '{}');
  try {
    const { assetsInclude } = JSON.parse(text);
    return Array.isArray(assetsInclude) && assetsInclude.includes(PACKAGED);
  } catch {
    throw new HttpFault(500, 'mini.project.json is not valid JSON');
  }
}

/**
 * The sandbox's test users have avatars on a reserved host name that never resolves. The simulator draws them instead: a letter on a
 * background colour, both derived from the address.
 */
export const AVATAR_HOST = 'avatars.shop.example';

const COLOURS = ['#2f54eb', '#08979c', '#389e0d', '#d48806', '#d4380d', '#c41d7f', '#531dab', '#1677ff'];

/**
 * Draws a test user's avatar.
 *
 * @param {string} address of the avatar
 * @returns {string | null} an SVG image, or null if it is not a test user's avatar
 */
export function drawAvatar(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== 'https:' || url.hostname !== AVATAR_HOST) return null;
  const name = decoded(url.pathname.split('/').filter(Boolean).pop() ?? '').replace(/\.\w+$/, '');
  const initial = [...name].find((character) => /[\p{L}\p{N}]/u.test(character)) ?? '·';
  const colour = COLOURS[[...url.pathname].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 9973, 7) % COLOURS.length];
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">',
    `<rect width="96" height="96" fill="${colour}"/>`,
    '<circle cx="48" cy="38" r="17" fill="#fff" fill-opacity=".22"/>',
    '<path d="M14 96c2-24 16-36 34-36s32 12 34 36z" fill="#fff" fill-opacity=".22"/>',
    '<text x="48" y="61" text-anchor="middle" font-family="sans-serif" font-size="38" font-weight="600" fill="#fff">',
    `${escapeText(initial.toUpperCase())}</text></svg>`,
  ].join('');
}

/** Decodes percent-encoding; returns malformed text unchanged. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escapeText(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
