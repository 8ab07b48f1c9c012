/**
 * Login and user information for Alipay mini-programs.
 *
 * Two rules are enforced: a consent panel appears only on the user's own tap, and display-only information never leaves the page.
 */

import { ErrorCode } from './generated/error-code.js';

export { ErrorCode };

/** Creates the client for one server. Starts nothing: the module starts with `prepare()`, or at the first call. */
export function createAuth(options: CreateAuthOptions): Auth;

export interface CreateAuthOptions {
  /** The platform's own `my`, not a framework's such as Taro's or uni's. The library never looks it up on a global. */
  my: object;
  /**
   * The address of your miniauth server: `https://host[:port][/path]`, or `http` on loopback for development, and with `debug` in a private
   * network. The session is sent only to addresses below it.
   */
  server: string;
  /** Receives every decision with its reason. Decisions never contain a nickname, avatar, code or session. */
  observe?: (decision: Decision) => void;
  /** How long a tap is valid, in milliseconds, 1 to 60000; default 5000. */
  tapLifetime?: number;
  /**
   * How long a consent call may take before it fails with `platform_timeout`, in milliseconds, 1 to 600000; default 120000. The user may be
   * reading a panel or a privacy popup meanwhile.
   */
  panelTimeout?: number;
  /** For development: allows an `http` address in a private network as `server`, such as `http://192.168.1.5:8701`. Default `false`. */
  debug?: boolean;
}

export interface Auth {
  /**
   * Starts the module, so the first tap need not wait for it. Call it in the first page's `onReady`, after drawing; otherwise the first
   * call starts the module. It contacts neither the platform nor the server, and a second call does nothing. You need not handle a failure:
   * the next call tries again and reports it.
   */
  prepare(): Promise<void>;

  /**
   * Logs in silently (`auth_base`, no panel), unless there is a session. `httpRequest` does this by itself.
   *
   * @returns the member as the server stored it, or `null` for a user who is not a member yet
   */
  login(): Promise<Member | null>;

  /**
   * Asks for consent on the user's tap (`auth_user`); the server then reads and stores the member.
   *
   * @param event the event of a tap or form submit as the handler received it, whether or not a framework (Taro, uni-app, mpx) wrapped it.
   *   It is valid for 5 seconds (`tapLifetime`) and for one call of any client on the page. Page code could forge an event: this prevents
   *   mistakes, not attacks. Events of the authorising button are rejected: the user has already answered one panel.
   * @returns the member as the server stored it, never what the page sent
   */
  authorize(event: object, options: ConsentOptions): Promise<Member>;

  /**
   * Gets nickname and avatar for display. Real name, phone number and certificate number are never available this way.
   *
   * One handler serves the platform's own button, which asks the user:
   * `<button open-type="getAuthorize" scope="userInfo" onGetAuthorize="show" onError="show">`, with or without `onGetUserInfo="show"`.
   * A plain tap does not ask: it returns what the user agreed to before, or rejects with `authorize_button_required`. On platforms that
   * only have the old `my.getAuthUserInfo`, a tap asks with `auth_user`.
   *
   * @param event the button's event, also its `error`; or the event of a tap
   */
  getAuthUserInfo(event: object, options: ConsentOptions): Promise<DisplayInfo>;

  /**
   * Has the server read and store the phone number, and returns it masked: the page never sees it in clear. Only for enterprise accounts
   * with the product 获取会员手机号 and with content encryption set up in the console.
   *
   * One handler serves the button: `<button open-type="getAuthorize" scope="phoneNumber" onGetAuthorize="phone" onError="phone">`, with or
   * without `onGetPhoneNumber="phone"`. Only the server can read whether the user agreed: without a consent this rejects with
   * `phone_not_authorized`, and for other problems with a code such as `phone_setup_missing` or `phone_product_not_in_force`.
   *
   * @param event the button's event, also its `error`; or the event of a tap, if the user agreed before
   */
  getPhoneNumber(event: object, options: ConsentOptions): Promise<PhoneNumber>;

  /** Gets a bare auth code, for teams with their own server. The same rules apply to `auth_user`. */
  getAuthCode(options?: AuthCodeOptions): Promise<string>;

  /**
   * The platform's request. Adds the session if the address is below `server`, and sends the request once more after a new login if the
   * server says that the session has expired.
   *
   * Rejects with `display_only_forwarded`, without sending anything, if it contains display information. Rejects with `http_status` and the
   * `response` if the status is not 2xx.
   */
  httpRequest<Data = unknown>(options: HttpRequestOptions): HttpRequestPromise<Data>;

  /**
   * Uploads a local file, with the session as in `httpRequest`, and once more after a new login if the server says that the session has
   * expired. It is not sent again after a network failure.
   *
   * Rejects with `display_only_forwarded` if its options contain display information (the file's content is not checked), and with
   * `http_status` and the `response` if the status is not 2xx.
   */
  uploadFile<Data = unknown>(options: UploadFileOptions): Abortable<HttpResponse<Data>>;

  /**
   * Downloads a file, with the session as in `httpRequest`. The platform does not report the server's status, so the client first asks the
   * server whether the session is valid (`GET /session`). On some phones an answer outside 2xx rejects with `network`; on others the file
   * contains the server's error.
   *
   * The avatar is display information: show it, or download it with the platform's own `my.downloadFile`.
   */
  downloadFile(options: DownloadFileOptions): Abortable<DownloadedFile>;

  /**
   * Opens a WebSocket, and resolves once it is open. Messages are checked like requests.
   *
   * Below `server` it carries the session, which is first validated with the server (`GET /session`), because the platform does not report
   * why a WebSocket failed to open. Some phones do not send the `authorization` header, so the first message is always
   * `{"authorization":"Bearer …"}`. The server takes the session from that message, or takes it from the header and ignores the message.
   *
   * On platforms without `SocketTask`, events do not say which WebSocket they belong to: a late error of a rejected WebSocket can end one
   * that is opened right after it.
   */
  connectSocket(options: ConnectSocketOptions): Abortable<Socket>;

  /**
   * Returns the session as a header for another transport: `{ authorization: 'Bearer …' }`. Logs in first if necessary.
   *
   * Rejects with `options_invalid` if `url` is not below `server`: no other server may see the session. What that transport sends is
   * checked only by `guard()`.
   *
   * @param url the address to be called: absolute, or below `server` such as `/orders`
   * @param options `confirm: true` after a 401: asks the server whether the session is valid, and logs in again if not
   */
  authorization(url: string, options?: { confirm?: boolean }): Promise<{ authorization: string }>;

  /**
   * Returns what is known of the session, synchronously, for drawing a page. It asks nobody and starts nothing, so it is `unknown` before
   * the client's first call. The result is a copy.
   */
  session(): SessionState;

  /**
   * Calls the listener after every change of `session()`, once current work is done. A listener may call any method of the client and await
   * it. An error or rejection of the listener is printed with `console.error` and has no other effect. A session that expires by the clock
   * is reported with the next call; one that is renewed in between is not reported as a logout.
   *
   * @returns a function that removes the listener
   */
  onChange(listener: (session: SessionState) => unknown): () => void;

  /**
   * Reports calls of `httpRequest`, the other transports, `login`, `authorize`, `getPhoneNumber` and `logout`, for loading indicators and
   * timing: `start`, then once `end` if the server answered, or `error` if not. A request counts once, however often it is sent and
   * whatever it waits for, including a login. Contents are never reported. An error of a listener is printed with `console.error` and has
   * no other effect.
   *
   * @returns a function that removes the listener
   */
  onRequest(listener: RequestListener): () => void;

  /** Returns what the platform said about consents since the app was opened, oldest first, at most 100. */
  consents(): Promise<ConsentRecord[]>;

  /**
   * Returns what is known of each consent, without asking the user: from `my.getSetting`, which gets 2 seconds, or else from answers since
   * the app was opened. It is only informative: the platform decides when it is asked.
   */
  consentState(): Promise<ConsentState>;

  /**
   * Puts the display-only check in front of the platform's outgoing calls on `my`, for code that uses them directly, and in front of
   * objects that they return, such as a SocketTask. A call that contains display information fails with `display_only_forwarded` and is not
   * made.
   */
  guard(): Promise<GuardReport>;

  /** Ends the session here and on the server. Also cancels a running login. */
  logout(): Promise<void>;
}

export interface ConsentOptions {
  /** The purpose of the data, as a sentence for the user; at most 100 characters. It is stored with the consent. */
  purpose: string;
}

export interface AuthCodeOptions {
  /** Default `auth_base`. */
  scopes?: Scope | Scope[];
  /** Required for `auth_user`. */
  event?: object;
  /** Required for `auth_user`. */
  purpose?: string;
}

export type Scope = 'auth_base' | 'auth_user';

/** Options of every transport. */
export interface TransportOptions {
  /** An absolute address, `https://…` or in development `http://…`; or one below `server`, such as `/orders`. */
  url: string;
  /** Strings only. `authorization` is added automatically and must not be given. */
  headers?: Record<string, string>;
  /**
   * Whether the call needs a session: `required` (default) logs in silently first, `if-present` sends the session if there is one, `none`
   * never sends it.
   */
  session?: 'required' | 'if-present' | 'none';
  /** Fields that the user typed and that may equal the nickname, as `['data.receiver']`. Recorded as a decision. */
  typed?: string[];
}

export interface HttpRequestOptions extends TransportOptions {
  /** Default `GET`. */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Strings only. The default content type is `application/json`. `authorization` is added automatically and must not be given. */
  headers?: Record<string, string>;
  /** Copied once at the call: what is checked is what is sent. */
  data?: object | string | ArrayBuffer;
  /**
   * How long one attempt may take, in milliseconds, 0 to 60000; default 30000. A timer of the library enforces it too. After a network
   * failure, `GET`, `PUT` and `DELETE` are sent again after about 0.3 and 0.6 s, at most twice.
   */
  timeout?: number;
  /** Default `json`. */
  dataType?: 'json' | 'text' | 'base64' | 'arraybuffer';
  /** For your own server: returns whether its answer says that the session has expired. */
  isExpired?: (response: HttpResponse<unknown>) => boolean;
}

export interface UploadFileOptions extends TransportOptions {
  /** The file's path on the phone, from `my.chooseImage`. */
  filePath: string;
  /** The form field with the file. */
  name: string;
  /** The kind of file. No longer used on phones; the vendor's IDE still requires it. */
  fileType?: 'image' | 'video' | 'audio';
  /** Further fields of the form. In `typed` they are named `data.formData.…`. */
  formData?: Record<string, string>;
  /** How long one attempt may take, in milliseconds, 0 to 600000; default 30000. */
  timeout?: number;
  /** Whether the platform hides its loading animation. Default `false`. */
  hideLoading?: boolean;
  /** Receives the progress, if the platform reports it. */
  onProgress?: (progress: TransferProgress) => void;
  /** Receives the response headers before the body, if the platform reports them. */
  onHeaders?: (headers: Record<string, string>) => void;
  /** See `HttpRequestOptions`. */
  isExpired?: (response: HttpResponse<unknown>) => boolean;
}

export interface DownloadFileOptions extends TransportOptions {
  /** Where to keep the file; by default the platform chooses a temporary place. */
  filePath?: string;
  /** How long one attempt may take, in milliseconds, 0 to 600000; default 30000. */
  timeout?: number;
  /** Receives the progress, if the platform reports it. */
  onProgress?: (progress: TransferProgress) => void;
  /** Receives the response headers before the body, if the platform reports them. */
  onHeaders?: (headers: Record<string, string>) => void;
}

export interface ConnectSocketOptions extends TransportOptions {
  /** `wss://…` or in development `ws://…`; or below `server`, such as `/chat`. */
  url: string;
  /** Added to the address as its query. */
  data?: Record<string, string>;
  /** Subprotocols. */
  protocols?: string[];
  /** How long opening may take, in milliseconds, 0 to 600000; default 30000. */
  timeout?: number;
  /** Receives the server's messages. Binary ones arrive as base64. */
  onMessage?: (message: SocketMessage) => void;
  /** Called if the open WebSocket fails, with the platform's error. */
  onError?: (error: unknown) => void;
  /** Called when the open WebSocket is closed, by either side. It does not reconnect. */
  onClose?: (event: { reason?: string }) => void;
}

/** The progress of a file transfer. */
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
  /** Whether `data` is base64 of binary data. */
  isBuffer?: boolean;
}

/** An open WebSocket. */
export interface Socket {
  /** Sends a message, in call order. Rejects with `display_only_forwarded`, without sending, if it contains display information. */
  send(message: SocketMessage): Promise<void>;
  /** Closes it. The server receives the code, 1000 or 3000 to 4999, and the reason, which is checked too. */
  close(why?: { code?: number; reason?: string }): Promise<void>;
}

export interface HttpResponse<Data> {
  status: number;
  data: Data;
  headers: Record<string, string>;
}

/** A promise that can be aborted. */
export interface Abortable<Value> extends Promise<Value> {
  /** Aborts it: the promise rejects with `aborted` at once, and the platform's task is aborted. A WebSocket is closed, open or not. */
  abort(): void;
}

/** The promise of a request, which can be aborted. */
export type HttpRequestPromise<Data> = Abortable<HttpResponse<Data>>;

/** What is known of the session. */
export interface SessionState {
  /**
   * `living`: there is a session that has not expired by the phone's clock. `none`: there is none. `unknown`: the client has not been
   * called since the app was opened.
   */
  status: 'unknown' | 'none' | 'living';
  /**
   * The user's id at this server; `null` if nobody is logged in, or with a server of version 0.1. Absent while unknown: for a restored
   * session, until `login()` has asked the server.
   */
  subject?: string | null;
  /** The member as the server stored it; `null` for a user who is not a member. Absent while unknown, like `subject`. */
  member?: Member | null;
  /** What is known of each consent, from answers since the app was opened. */
  consents: ConsentState;
}

/** Listener for requests; all methods are optional. */
export interface RequestListener {
  /** A request has started. */
  start?(request: RequestStarted): unknown;
  /** The server has answered, with any status. */
  end?(request: RequestEnded): unknown;
  /** There is no answer, or none that can be used. */
  error?(request: RequestFailed): unknown;
}

/** A started call. */
export interface RequestStarted {
  /** The same in `start` and `end` or `error`. */
  id: number;
  operation: Operation;
  /** For `httpRequest` and `uploadFile`. */
  method?: string;
  /** For `httpRequest` and the other transports: the address's path, without host and query. */
  path?: string;
}

/** An answered call. */
export interface RequestEnded extends RequestStarted {
  /** For `httpRequest` and `uploadFile`, and for answers that the server rejected. */
  status?: number;
  /** Milliseconds since the start, including all waits. */
  ms: number;
  /** For `httpRequest` and the other transports: how often it was sent. */
  attempt?: number;
}

/** A call without an answer. */
export interface RequestFailed extends RequestStarted {
  /** The error's code, such as `network`. */
  code: ErrorCode;
  /** Milliseconds since the start. */
  ms: number;
  /** For `httpRequest` and the other transports: how often it was sent. 0: it failed before. */
  attempt?: number;
}

/** The kinds of consent, each separate from the others. */
export type ConsentKind = 'userInfo' | 'auth_user' | 'phoneNumber';

/** What is known of each consent: `unknown` after the app was opened, until the platform says something. */
export type ConsentState = Record<ConsentKind, 'granted' | 'denied' | 'unknown'>;

/** An answer of the platform about a consent. */
export interface ConsentRecord {
  /** What the user was told. */
  purpose: string;
  scope: ConsentKind;
  /** Milliseconds since the Unix epoch. */
  at: number;
  /**
   * `dismissed`: the panel was closed without an answer. `not_granted`: the platform says no, and it is unknown whether the user was asked.
   * `failed`: the call failed or did not answer.
   */
  outcome: 'granted' | 'refused' | 'dismissed' | 'not_granted' | 'failed';
  /** The platform's message, if any. */
  message?: string;
  /** The answer came after the time-out: it was recorded, but not acted upon. */
  late?: true;
}

/** Nickname and avatar for display. Cannot be read or serialised: printing and serialising give a redacted text. */
export interface DisplayInfo {
  /** Shows the values: calls `page.setData({ [key]: { nickName, avatar } })`. */
  renderTo(page: { setData(data: Record<string, unknown>): unknown }, key: string): void;
  /**
   * Passes the values to a function, for frameworks with their own stores. From then on they are recognised by value: `httpRequest` and
   * `guard` still find them in outgoing data.
   */
  renderTo(show: (values: DisplayValues) => void): void;
  toJSON(): string;
  toString(): string;
}

export interface DisplayValues {
  /** `null` if the user has none. */
  nickName: string | null;
  /** An address; `null` if the user has none. */
  avatar: string | null;
}

/** The phone number as the server stored it. */
export interface PhoneNumber {
  /** Masked, such as `138****1234`. */
  phoneNumber: string;
  /** The country code, for numbers outside mainland China. */
  countryCode?: string;
  /** `false` if another user of the app has the same number. It never proves anyone's identity. */
  confirmed: boolean;
}

/**
 * A member as the server stored it, with the open platform's data. On the wire, as in `GET /member`, its fields are named `nick_name`,
 * `stored_at`.
 */
export interface Member {
  /** The user's id at this server; it stays the same whichever ids the platform uses. Servers of version 0.1 have none. */
  subject?: string;
  /** The user's id for this app, if the platform provides one. */
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

/** The operation that a decision is about. `storage`: the platform's storage, which holds the session. */
export type Operation = keyof Auth | 'createAuth' | 'storage';

/** The outcomes, by kind of decision. */
export type DecisionOutcome =
  // tap: whether it allows the call
  | 'accepted'
  | 'refused'
  // consent: as in `ConsentRecord`; `shared`: another call's answer; `kept`: consent from before
  | ConsentRecord['outcome']
  | 'shared'
  | 'kept'
  // guard: `typed`: allowed, because the user typed it; `watching`: display information is known from now on
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

/** A decision of the library, with its reason. */
export interface Decision {
  /** Milliseconds since the Unix epoch. */
  at: number;
  kind: 'tap' | 'consent' | 'guard' | 'session' | 'request';
  /** The call decided on: one of the client's, or for the guard one of the platform's, such as `SocketTask.send`. */
  operation: Operation | (string & {});
  outcome: DecisionOutcome;
  reason?: string;
  code?: ErrorCode;
  purpose?: string;
  /** Where display information was found. */
  where?: string;
  /** How it was encoded. */
  encoding?: string;
}

export interface GuardReport {
  /** The calls that are checked. */
  covered: string[];
  /** The calls that give page code display information: their answers are known to the guard. */
  watched: string[];
  /** The calls that could not be covered. */
  uncovered: { name: string; reason: string }[];
}

/** The data of a `MiniauthError`; tests of your own pages may construct one. */
export interface MiniauthFailure {
  /** Stable, such as `consent_refused`. */
  code: ErrorCode;
  /** What happened. */
  message: string;
  /** What to do, suitable for showing to the user. */
  advice: { zh: string; en: string };
  cause?: unknown;
  where?: string;
  encoding?: string;
  response?: HttpResponse<unknown>;
}

/**
 * The error of every call of this package: promises reject with it, and `createAuth` and `renderTo` throw it. Its stack trace leads to the
 * page's own line. Errors of page code's own callbacks are passed on unchanged.
 */
export class MiniauthError extends Error {
  constructor(failure: MiniauthFailure);
  /** Stable, such as `consent_refused`. A server newer than this package may send one that is not in the list. */
  readonly code: ErrorCode;
  /** What to do, suitable for showing to the user. */
  readonly advice: { zh: string; en: string };
  /** The error of the platform or the engine. */
  readonly cause: unknown;
  /** For `display_only_forwarded`: where display information was found. */
  readonly where?: string;
  /** How it was encoded: `plain`, or for instance `percent, base64`. */
  readonly encoding?: string;
  /** The server's answer. */
  readonly response?: HttpResponse<unknown>;
  /** For logs: `JSON.stringify` omits the cause and the server's answer, except its status. */
  toJSON(): object;
}
