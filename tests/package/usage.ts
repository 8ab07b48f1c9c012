/**
 * Correct and incorrect uses of the package in page code: each `@ts-expect-error` fails if there is no error.
 */
import { createAuth, MiniauthError } from 'miniauth';
import { createAuth as createPlainAuth } from 'miniauth/plain';
import { createAuth as createWasmAuth } from 'miniauth/wasm';
import { createAuth as createWorkerAuth } from 'miniauth/worker';
import { authorizeEvent, fakeAuth, fakeMy, phoneEvent, problem, tap } from 'miniauth/testing';
import type {
  Auth,
  ConsentRecord,
  ConsentState,
  Decision,
  DisplayInfo,
  ErrorCode,
  GuardReport,
  HttpResponse,
  Member,
  SessionState,
} from 'miniauth';

declare const my: object;
declare const event: object;
declare const page: { setData(data: Record<string, unknown>): void };

/** Fails to compile if `Actual` is not exactly `Expected`. */
function typed<Expected>() {
  return <Actual>(_value: Actual & ([Actual, Expected] extends [Expected, Actual] ? unknown : never)) => undefined;
}

const auth = createAuth({ my, server: 'https://api.shop.example', observe: (decision) => typed<Decision>()(decision) });

export async function mayBeUsed() {
  typed<void>()(await auth.prepare());
  typed<Member | null>()(await auth.login());
  typed<Member>()(await auth.authorize(event, { purpose: '成为会员' }));
  const info = await auth.getAuthUserInfo(event, { purpose: '显示昵称' });
  typed<DisplayInfo>()(info);
  info.renderTo(page, 'display');
  info.renderTo(({ nickName, avatar }) => {
    typed<string | null>()(nickName);
    typed<string | null>()(avatar);
  });
  const phone = await auth.getPhoneNumber(event, { purpose: '用于订单配送' });
  typed<string>()(phone.phoneNumber);
  typed<string | undefined>()(phone.countryCode);
  typed<boolean>()(phone.confirmed);
  typed<string>()(await auth.getAuthCode());
  typed<string>()(await auth.getAuthCode({ scopes: ['auth_user'], event, purpose: '成为会员' }));
  const request = auth.httpRequest<{ orders: number[] }>({ url: 'https://api.shop.example/orders', typed: ['data.name'] });
  typed<HttpResponse<{ orders: number[] }>>()(await request);
  request.abort();
  typed<unknown>()((await auth.httpRequest({ url: 'https://api.shop.example/' })).data);
  typed<ConsentRecord[]>()(await auth.consents());
  typed<ConsentState>()(await auth.consentState());
  typed<string[]>()((await auth.guard()).watched);
  typed<GuardReport>()(await auth.guard());
  typed<SessionState>()(auth.session());
  typed<'unknown' | 'none' | 'living'>()(auth.session().status);
  typed<Member | null | undefined>()(auth.session().member);
  const stop = auth.onChange(async ({ consents }) => typed<ConsentState>()(consents));
  typed<void>()(stop());
  typed<() => void>()(
    auth.onRequest({
      start: ({ path }) => typed<string | undefined>()(path),
      end: ({ status, ms }) => typed<number>()((status ?? 0) + ms),
    }),
  );
  typed<void>()(await auth.logout());
}

export async function hostsHaveOneSurface(worker: {
  postMessage(message: object): void;
  onMessage(receive: (message: any) => void): void;
}) {
  const server = 'https://api.shop.example';
  const hosts: Auth[] = [
    createWasmAuth({ my, server, tapLifetime: 3000, panelTimeout: 60000, plain: () => import('miniauth/plain-module') }),
    createPlainAuth({ my, server }),
    createWorkerAuth({ my, server, worker, wasm: '/workers/miniauth.wasm' }),
  ];
  typed<Member | null>()(await hosts[0].login());
  typed<GuardReport>()(await createWorkerAuth({ my, server, worker }).guard({ whenUnsure: 'refuse' }));
  // @ts-expect-error miniauth contains the plain JavaScript itself
  createAuth({ my, server, plain: () => import('miniauth/plain-module') });
  // @ts-expect-error plain is loaded only when needed
  createWasmAuth({ my, server, plain: import('miniauth/plain-module') });
  // @ts-expect-error the app creates the Worker
  createWorkerAuth({ my, server });
  // @ts-expect-error unsure calls are allowed or refused
  await createWorkerAuth({ my, server, worker }).guard({ whenUnsure: 'ask' });
}

export function errorsAreNamed(error: unknown) {
  if (error instanceof MiniauthError) {
    typed<ErrorCode>()(error.code);
    typed<string>()(error.advice.zh);
    typed<string | undefined>()(error.where);
    typed<string | undefined>()(error.encoding);
    typed<HttpResponse<unknown> | undefined>()(error.response);
    typed<object>()(error.toJSON());
    // @ts-expect-error code is read-only
    error.code = 'other';
  }
}

export function errorsCanBeMade() {
  const error = new MiniauthError({
    code: 'consent_refused',
    message: 'The user refused.',
    advice: { zh: '您已拒绝授权。', en: 'Ask later.' },
  });
  typed<string>()(error.message);
  // @ts-expect-error it is made from a failure, not from a text
  new MiniauthError('The user refused.');
}

export async function pagesCanBeTested() {
  const phone = fakeMy({
    user: { nickName: null },
    consents: { userInfo: 'granted' },
    profile: 'close:10',
    faults: 'offline',
    member: { city: '杭州' },
  });
  const fakes: Auth[] = [
    fakeAuth(),
    fakeAuth({ phone }),
    fakeAuth({ respond: ({ path }) => (path === '/x' ? problem('overloaded') : undefined) }),
  ];
  typed<Member | null>()(await fakes[0].login());
  createAuth({ my: phone.my, server: 'https://api.shop.example' });
  await fakes[0].authorize(tap(), { purpose: '成为会员' });
  await fakes[0].getAuthUserInfo(authorizeEvent({ refused: true }), { purpose: '显示昵称' });
  await fakes[0].getAuthUserInfo(await phone.authorise(), { purpose: '显示昵称' });
  typed<string>()(phoneEvent().type);
  phone.answers.auth_user = 'refuse';
  phone.answers.image = 'back';
  fakeMy({
    pictures: [{ bytes: new Uint8Array(1), type: 'image/png' }],
    socket: (socket) => socket.onMessage((data) => socket.send(data)),
  });
  // @ts-expect-error there is no such consent
  fakeMy({ consents: { camera: 'granted' } });
  // @ts-expect-error there is no such code
  problem('too_busy');
}

export async function mayNotBeUsed() {
  // @ts-expect-error debug is a boolean
  createAuth({ my, server: 'http://192.168.1.5:8701', debug: 1 });
  // @ts-expect-error the option is called scopes
  await auth.getAuthCode({ scope: 'auth_user' });
  // @ts-expect-error createAuth has no such option
  createAuth({ my, server: 'https://api.shop.example', observer() {} });
  // @ts-expect-error my is required
  createAuth({ server: 'https://api.shop.example' });
  // @ts-expect-error a consent needs an event
  await auth.authorize({ purpose: '成为会员' });
  // @ts-expect-error a consent needs a purpose
  await auth.getAuthUserInfo(event, {});
  // @ts-expect-error a time is a number
  createAuth({ my, server: 'https://api.shop.example', tapLifetime: '3s' });
  // @ts-expect-error an answer is granted, denied or unknown
  typed<boolean>()((await auth.consentState()).userInfo);
  // @ts-expect-error a session is required, if-present or none
  await auth.httpRequest({ url: 'https://api.shop.example/', session: 'maybe' });
  // @ts-expect-error a phone number needs a purpose
  await auth.getPhoneNumber(event);
  // @ts-expect-error the session is returned at once, without a token
  void auth.session().token;
  // @ts-expect-error a listener of requests is an object
  auth.onRequest(() => {});
  // @ts-expect-error there are only two scopes
  await auth.getAuthCode({ scopes: 'auth_all' });
  // @ts-expect-error there are only promises
  await auth.httpRequest({ url: 'https://api.shop.example/', success() {} });
  // @ts-expect-error the platform has no PATCH
  await auth.httpRequest({ url: 'https://api.shop.example/', method: 'PATCH' });
  const info = await auth.getAuthUserInfo(event, { purpose: '显示昵称' });
  // @ts-expect-error display information cannot be read
  info.nickName;
  // @ts-expect-error a page needs a key
  info.renderTo(page);
}
