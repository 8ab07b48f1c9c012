/**
 * Login and user information for Alipay mini-programs.
 *
 * Two rules are enforced, not recommended: a consent panel appears only on the user's own tap, and display-only
 * information never leaves the page.
 */

import { ErrorCode } from './generated/error-code.js';

export { ErrorCode };

/** Makes the client of one server. Starts nothing: the module starts with `prepare()`, or at the first call. */
export function createAuth(options: CreateAuthOptions): Auth;

export interface CreateAuthOptions {
  /** The platform's own `my`, not that of a framework such as Taro or uni. It is never looked up on a global. */
  my: object;
  /**
   * The address of your miniauth server: `https://host[:port][/path]`, or `http` on the loopback for development, and with `debug`
   * in a private network. The session is sent to addresses below it and to no others.
   */
  server: string;
  /** Is told every decision with its reason. Decisions hold no nickname, no avatar, no code and no session. */
  observe?: (decision: Decision) => void;
  /** Milliseconds for which a tap holds, 1 to 60000; default 5000. */
  tapLifetime?: number;
  /**
   * Milliseconds after which a consent call that did not answer ends with `platform_timeout`, 1 to 600000; default 120000. The
   * user may be reading a panel or a privacy popup meanwhile.
   */
  panelTimeout?: number;
  /** For development: `server` may be an `http` address in a private network, such as `http://192.168.1.5:8701`. Default `false`. */
  debug?: boolean;
}

export interface Auth {
  /**
   * Starts the module, so that the first tap does not wait for it. Call it once the first page has been drawn, in its `onReady`;
   * without it the first call starts the module. It asks the platform and the server for nothing, and a second call starts nothing.
   * A failure need not be handled: the next call tries again, and tells of it.
   */
  prepare(): Promise<void>;

  /**
   * Logs in silently (`auth_base`: no panel), unless a session lives. `httpRequest` does it by itself.
   *
   * @returns the member as the server stored it, or `null` for a user who is not a member yet
   */
  login(): Promise<Member | null>;

  /**
   * Asks for consent on the user's tap (`auth_user`), and has the server read and store the member.
   *
   * @param event the event of a tap or a form's submit, as the handler got it, wrapped by a framework (Taro, uni-app, mpx) or not. It
   *   holds for 5 seconds (`tapLifetime`) and for one call, whichever client of the page makes it. Page code could forge one: this stops mistakes, not malice. The events of the
   *   authorising button are refused: the user has answered one window already.
   * @returns the member as the server stored it, never what the page sent
   */
  authorize(event: object, options: ConsentOptions): Promise<Member>;

  /**
   * Learns nickname and avatar for display. Real name, phone number and certificate number never come this way.
   *
   * One handler serves the platform's own button, which asks the user:
   * `<button open-type="getAuthorize" scope="userInfo" onGetAuthorize="show" onError="show">`, with `onGetUserInfo="show"` or
   * without. A plain tap asks nobody: it gives what the user agreed to earlier, or rejects with `authorize_button_required`.
   * Where the platform has only the old `my.getAuthUserInfo`, a tap asks with `auth_user`.
   *
   * @param event what the button sends, its `error` too, in either case; or the event of a tap
   */
  getAuthUserInfo(event: object, options: ConsentOptions): Promise<DisplayInfo>;

  /**
   * Has the server read and store the phone number, and gives it masked: the page never sees it in clear. For enterprise accounts
   * only, with the product 获取会员手机号 and the content encryption of the console.
   *
   * One handler serves the button: `<button open-type="getAuthorize" scope="phoneNumber" onGetAuthorize="phone" onError="phone">`,
   * with `onGetPhoneNumber="phone"` or without. Only the server can read whether the user has agreed: without a consent this rejects
   * with `phone_not_authorized`, and for whatever else is missing with a code of its own, such as `phone_setup_missing` or
   * `phone_product_not_in_force`.
   *
   * @param event what the button sends, its `error` too, in either case; or the event of a tap, where the user has agreed before
   */
  getPhoneNumber(event: object, options: ConsentOptions): Promise<PhoneNumber>;

  /** A bare auth code, for teams with a server of their own. The same rules hold for `auth_user`. */
  getAuthCode(options?: AuthCodeOptions): Promise<string>;

  /**
   * The platform's request, with the session added where the address lies below `server`, and replayed once after a new
   * login when the server says that the session has expired.
   *
   * Rejects with `display_only_forwarded` when display information is anywhere in it, and nothing is sent then. Rejects
   * with `http_status` and the `response` when the status is not 2xx.
   */
  httpRequest<Data = unknown>(options: HttpRequestOptions): HttpRequestPromise<Data>;

  /**
   * Sends a local file, with the session as `httpRequest` does it, and once more after a new login when the server says that the
   * session has expired. Is not sent again when the network fails.
   *
   * Rejects with `display_only_forwarded` when display information is in its options (what is in the file, nobody looks at), and with
   * `http_status` and the `response` when the status is not 2xx.
   */
  uploadFile<Data = unknown>(options: UploadFileOptions): Abortable<HttpResponse<Data>>;

  /**
   * Fetches a file, with the session as `httpRequest` does it. The platform does not tell with what status the server answered, so the
   * server is asked before whether the session lives (`GET /session`). On some phones an answer outside 2xx rejects with `network`;
   * on others the file holds what the server said of the error.
   *
   * The avatar is display information: show it, or fetch it with the platform's own `my.downloadFile`.
   */
  downloadFile(options: DownloadFileOptions): Abortable<DownloadedFile>;

  /**
   * Opens a WebSocket, and resolves once it is open. What is sent over it is searched as every request is.
   *
   * Below `server` it carries the session, which the server is asked about before (`GET /session`), for the platform does not tell why
   * it did not open. Not every phone sends the header `authorization`: the first message is always
   * `{"authorization":"Bearer …"}`. Whoever serves it takes the session from that message, or takes it from the header and
   * leaves the message alone.
   *
   * Where the platform has no `SocketTask`, its events do not say whose they are: an error that comes late for a WebSocket that was
   * refused can end one that is opened right after it.
   */
  connectSocket(options: ConnectSocketOptions): Abortable<Socket>;

  /**
   * The session for somebody else's transport, as a header: `{ authorization: 'Bearer …' }`. Logs in first where nobody is.
   *
   * Rejects with `options_invalid` when `url` is not below `server`: nobody else may see the session. What is sent with it nobody
   * searches but `guard()`.
   *
   * @param url what it is for: a whole address, or one below `server` such as `/orders`
   * @param options `confirm: true` after a 401: asks the server whether the session lives, and logs in anew where it does not
   */
  authorization(url: string, options?: { confirm?: boolean }): Promise<{ authorization: string }>;

  /**
   * What is known of the session now, at once: for a page that is drawn. It asks nobody and starts nothing, so that it is
   * `unknown` before the first call of the client. A copy of the caller's own.
   */
  session(): SessionState;

  /**
   * Tells of every change of what `session()` says, once everything at hand is done. A listener may call any method of the client
   * and wait for it. What it throws, or what the promise that it returns rejects with, is printed with `console.error` and stops
   * nothing. A session that runs out by the clock is told with the next call; one that is renewed on the way is not told as a
   * logout.
   *
   * @returns has the listener told no more
   */
  onChange(listener: (session: SessionState) => unknown): () => void;

  /**
   * Tells of `httpRequest`, the other transports, `login`, `authorize`, `getPhoneNumber` and `logout`, for loading indicators and for timing: `start`, and then once `end`, when
   * the server answered, or `error`, when it did not. A request counts once, however often it is sent and whatever it waits for, a
   * login by itself too. Nothing is told of what it holds. What a listener throws is printed with `console.error` and stops nothing.
   *
   * @returns has the listener told no more
   */
  onRequest(listener: RequestListener): () => void;

  /** What the platform said about consents since the app was opened, oldest first, at most 100. */
  consents(): Promise<ConsentRecord[]>;

  /**
   * What is known of each consent, without asking the user: by `my.getSetting`, which gets 2 seconds, or else by what was
   * answered since the app was opened. It decides nothing: the platform does, when it is asked.
   */
  consentState(): Promise<ConsentState>;

  /**
   * Puts the display-only check in front of the platform's own outgoing calls on `my`, for code that calls them by
   * itself, and of what they return, such as a SocketTask. A call with display information in it fails with
   * `display_only_forwarded` and is not made.
   */
  guard(): Promise<GuardReport>;

  /** Ends the session here and on the server. A login that is under way ends too. */
  logout(): Promise<void>;
}

export interface ConsentOptions {
  /** What the data is for, in a sentence that the user can read; at most 100 characters. It is stored with the consent. */
  purpose: string;
}

export interface AuthCodeOptions {
  /** Default `auth_base`. */
  scopes?: Scope | Scope[];
  /** Needed for `auth_user`. */
  event?: object;
  /** Needed for `auth_user`. */
  purpose?: string;
}

export type Scope = 'auth_base' | 'auth_user';

/** What every transport takes. */
export interface TransportOptions {
  /** A whole address, `https://…` or in development `http://…`; or one below `server`, such as `/orders`. */
  url: string;
  /** Texts only. `authorization` is added, not given. */
  headers?: Record<string, string>;
  /**
   * Whether it wants a session: `required` (default) logs in silently first, `if-present` sends it when there is one, `none` does
   * not send it.
   */
  session?: 'required' | 'if-present' | 'none';
  /** Fields that the user typed and that may equal the nickname, as `['data.receiver']`. Recorded as a decision. */
  typed?: string[];
}

export interface HttpRequestOptions extends TransportOptions {
  /** Default `GET`. */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Texts only. Where there is no content type, it is `application/json`. `authorization` is added, not given. */
  headers?: Record<string, string>;
  /** One copy is taken at the call: what is checked is what is sent. */
  data?: object | string | ArrayBuffer;
  /**
   * Milliseconds that one attempt may take, 0 to 60000; default 30000. Kept by a timer of our own too. When the network
   * fails, `GET`, `PUT` and `DELETE` are sent again after about 0.3 and 0.6 s, at most twice.
   */
  timeout?: number;
  /** Default `json`. */
  dataType?: 'json' | 'text' | 'base64' | 'arraybuffer';
  /** For a server of your own: whether its answer says that the session has expired. */
  isExpired?: (response: HttpResponse<unknown>) => boolean;
}

export interface UploadFileOptions extends TransportOptions {
  /** The file's path on the phone, as `my.chooseImage` gives it. */
  filePath: string;
  /** The name of the field that the server reads the file from. */
  name: string;
  /** What kind of file it is. Out of use on phones; the vendor's IDE still asks for it. */
  fileType?: 'image' | 'video' | 'audio';
  /** Fields beside the file, in the same form. In `typed` they are called `data.formData.…`. */
  formData?: Record<string, string>;
  /** Milliseconds that one attempt may take, 0 to 600000; default 30000. */
  timeout?: number;
  /** Has the platform show no loading animation meanwhile. Default `false`. */
  hideLoading?: boolean;
  /** Hears how far it is, where the platform tells. */
  onProgress?: (progress: TransferProgress) => void;
  /** Hears the headers of the answer before the rest of it is there, where the platform tells. */
  onHeaders?: (headers: Record<string, string>) => void;
  /** As `httpRequest`'s. */
  isExpired?: (response: HttpResponse<unknown>) => boolean;
}

export interface DownloadFileOptions extends TransportOptions {
  /** Where the file is to be kept; without it the platform chooses a place that is cleared some time. */
  filePath?: string;
  /** Milliseconds that one attempt may take, 0 to 600000; default 30000. */
  timeout?: number;
  /** Hears how far it is, where the platform tells. */
  onProgress?: (progress: TransferProgress) => void;
  /** Hears the headers of the answer before the rest of it is there, where the platform tells. */
  onHeaders?: (headers: Record<string, string>) => void;
}

export interface ConnectSocketOptions extends TransportOptions {
  /** `wss://…` or in development `ws://…`; or one below `server`, such as `/chat`. */
  url: string;
  /** Is added to the address as its query. */
  data?: Record<string, string>;
  /** Subprotocols. */
  protocols?: string[];
  /** Milliseconds that opening may take, 0 to 600000; default 30000. */
  timeout?: number;
  /** Hears what the server sends. What is binary comes as base64. */
  onMessage?: (message: SocketMessage) => void;
  /** Hears that the open WebSocket failed, in the platform's words. */
  onError?: (error: unknown) => void;
  /** Hears that the open WebSocket is closed, by whichever side. It does not open again by itself. */
  onClose?: (event: { reason?: string }) => void;
}

/** How far a file is. */
export interface TransferProgress {
  /** Percent. */
  progress: number;
  totalBytesWritten: number;
  totalBytesExpectedToWrite: number;
}

export interface DownloadedFile {
  /** Where the file is on the phone. */
  filePath: string;
  headers: Record<string, string>;
}

export interface SocketMessage {
  data: string;
  /** Whether `data` is base64 of something binary. */
  isBuffer?: boolean;
}

/** A WebSocket that is open. */
export interface Socket {
  /** Sends, in the order of the calls. Rejects with `display_only_forwarded` when display information is in it, and sends nothing then. */
  send(message: SocketMessage): Promise<void>;
  /** Closes it. The server gets the code, 1000 or 3000 to 4999, and the reason, which is searched too. */
  close(why?: { code?: number; reason?: string }): Promise<void>;
}

export interface HttpResponse<Data> {
  status: number;
  data: Data;
  headers: Record<string, string>;
}

/** The promise of what can be given up. */
export interface Abortable<Value> extends Promise<Value> {
  /** Gives it up: it rejects with `aborted` at once, and the platform's task is aborted. A WebSocket is closed by it, open or not. */
  abort(): void;
}

/** The promise of a request that can be given up. */
export type HttpRequestPromise<Data> = Abortable<HttpResponse<Data>>;

/** What is known of the session. */
export interface SessionState {
  /**
   * `living`: there is one, which has not run out by the phone's clock. `none`: there is none. `unknown`: the client has not been
   * called yet since the app was opened.
   */
  status: 'unknown' | 'none' | 'living';
  /**
   * The user's id at this server; `null` when nobody is logged in, or by a server of version 0.1. Absent while it is not known: of
   * a session that was kept from before, until `login()` has asked the server.
   */
  subject?: string | null;
  /** The member as the server stored it; `null` for a user who is none. Absent while it is not known, as `subject` is. */
  member?: Member | null;
  /** What is known of each consent, as far as something was said since the app was opened. */
  consents: ConsentState;
}

/** What is told of requests: any of these. */
export interface RequestListener {
  /** A request starts. */
  start?(request: RequestStarted): unknown;
  /** The server has answered, with whatever status. */
  end?(request: RequestEnded): unknown;
  /** There is no answer, or none that may be taken. */
  error?(request: RequestFailed): unknown;
}

/** A call that starts. */
export interface RequestStarted {
  /** The same at its start and at its end. */
  id: number;
  operation: Operation;
  /** Of `httpRequest` and `uploadFile`. */
  method?: string;
  /** Of `httpRequest` and the other transports: the path of the address, without host and query. */
  path?: string;
}

/** A call that was answered. */
export interface RequestEnded extends RequestStarted {
  /** Of `httpRequest` and `uploadFile`, and of what the server refused. */
  status?: number;
  /** Milliseconds since its start, with everything that it waited for. */
  ms: number;
  /** Of `httpRequest` and the other transports: how often it was sent. */
  attempt?: number;
}

/** A call that was not answered. */
export interface RequestFailed extends RequestStarted {
  /** As the error's, for instance `network`. */
  code: ErrorCode;
  /** Milliseconds since its start. */
  ms: number;
  /** Of `httpRequest` and the other transports: how often it was sent. 0: it ended before. */
  attempt?: number;
}

/** What a user can agree to. Each is a consent of its own. */
export type ConsentKind = 'userInfo' | 'auth_user' | 'phoneNumber';

/** What is known of each consent. After the app was opened `unknown`, until the platform says something. */
export type ConsentState = Record<ConsentKind, 'granted' | 'denied' | 'unknown'>;

/** One answer of the platform about a consent. */
export interface ConsentRecord {
  /** What the user was told. */
  purpose: string;
  scope: ConsentKind;
  /** Milliseconds since the Unix epoch. */
  at: number;
  /**
   * `dismissed`: the panel was closed without an answer. `not_granted`: the platform says no, and whether the user was asked is
   * not known. `failed`: the call failed or did not answer.
   */
  outcome: 'granted' | 'refused' | 'dismissed' | 'not_granted' | 'failed';
  /** The platform's own words, where it gave some. */
  message?: string;
  /** It came after the time-out: it is known, and was not acted upon. */
  late?: true;
}

/** Nickname and avatar for display. It cannot be read or serialised: it prints and serialises as a redaction. */
export interface DisplayInfo {
  /** Shows the values: calls `page.setData({ [key]: { nickName, avatar } })`. */
  renderTo(page: { setData(data: Record<string, unknown>): unknown }, key: string): void;
  /**
   * Hands the values to a function, for frameworks with stores of their own. From there on they are only followed by
   * value: `httpRequest` and `guard` still find them in what is sent.
   */
  renderTo(show: (values: DisplayValues) => void): void;
  toJSON(): string;
  toString(): string;
}

export interface DisplayValues {
  /** `null` when the user has none. */
  nickName: string | null;
  /** An address; `null` when the user has none. */
  avatar: string | null;
}

/** The phone number as the server stored it. */
export interface PhoneNumber {
  /** Masked, as `138****1234`. */
  phoneNumber: string;
  /** The country's code, of a number outside mainland China. */
  countryCode?: string;
  /** `false` where another user of the app has the number too. It proves nothing about who somebody is, confirmed or not. */
  confirmed: boolean;
}

/** A member as the server stored it: what the open platform said. On the wire, as in `GET /member`, its fields are called `nick_name`, `stored_at`. */
export interface Member {
  /**
   * The user's id at this server, which stays the same whichever ids the platform uses for the user. Servers of version 0.1
   * have none.
   */
  subject?: string;
  /** The user's id for this app, where the platform gives one. */
  openId?: string;
  /** The user's id on the platform, for older apps. */
  userId?: string;
  nickName: string | null;
  avatar: string | null;
  /** `F` or `M`. */
  gender: string | null;
  province: string | null;
  city: string | null;
  /** When the server stored it, in milliseconds since the Unix epoch. */
  storedAt: number;
}

/** What something is decided for. `storage`: the platform's storage, where the session is kept. */
export type Operation = keyof Auth | 'createAuth' | 'storage';

/** What was decided, by kind. */
export type DecisionOutcome =
  // tap: it allows the call, or not
  | 'accepted'
  | 'refused'
  // consent: as a `ConsentRecord`'s; `shared`: another call's answer; `kept`: it holds from earlier
  | ConsentRecord['outcome']
  | 'shared'
  | 'kept'
  // guard: `typed`: let through, for the user typed it; `watching`: display information is known from now on
  | 'typed'
  | 'watching'
  // session: `kept` and `restored`: no login was needed; `repeated`: the same login was posted again; `none`: nobody was logged in
  | 'started'
  | 'restored'
  | 'replayed'
  | 'repeated'
  | 'ended'
  | 'none'
  // request: the network failed, and it was sent again
  | 'retried';

/** What the library decided, and why. */
export interface Decision {
  /** Milliseconds since the Unix epoch. */
  at: number;
  kind: 'tap' | 'consent' | 'guard' | 'session' | 'request';
  /** The call that it was decided for: one of the client's, or for the guard one of the platform's, such as `SocketTask.send`. */
  operation: Operation | (string & {});
  outcome: DecisionOutcome;
  reason?: string;
  code?: ErrorCode;
  purpose?: string;
  /** Where display information was found. */
  where?: string;
  /** How it was encoded there. */
  encoding?: string;
}

export interface GuardReport {
  /** The calls that are checked now. */
  covered: string[];
  /** The calls from which page code learns display information: what they answer is known from then on. */
  watched: string[];
  /** The calls that could not be covered. */
  uncovered: { name: string; reason: string }[];
}

/** What a `MiniauthError` is made from; a test of your own pages may make one. */
export interface MiniauthFailure {
  /** Stable, for instance `consent_refused`. */
  code: ErrorCode;
  /** What happened this time. */
  message: string;
  /** What to do, fit to be shown. */
  advice: { zh: string; en: string };
  cause?: unknown;
  where?: string;
  encoding?: string;
  response?: HttpResponse<unknown>;
}

/**
 * What every call of this package fails with: promises reject with it, and `createAuth` and `renderTo` throw it. Its stack leads to
 * the page's own line. What page code throws in a callback of its own stays what it is.
 */
export class MiniauthError extends Error {
  constructor(failure: MiniauthFailure);
  /** Stable, for instance `consent_refused`. A server that is newer than this package may send one that is not in the list. */
  readonly code: ErrorCode;
  /** What to do, fit to be shown. */
  readonly advice: { zh: string; en: string };
  /** What the platform or the engine failed with. */
  readonly cause: unknown;
  /** Where display information was found, for `display_only_forwarded`. */
  readonly where?: string;
  /** How it was encoded there: `plain`, or for instance `percent, base64`. */
  readonly encoding?: string;
  /** What the server answered. */
  readonly response?: HttpResponse<unknown>;
  /** What `JSON.stringify` gets, for logs: without the cause and what the server answered, of which only the status stays. */
  toJSON(): object;
}
