/** The common part of `miniauth/vue` and `miniauth/react`. */

import { ConsentOptions, DisplayValues, Member, MiniauthError, PhoneNumber, SessionState } from './miniauth.js';

/** The state that a page shows. */
export interface KitState {
  /** What the client knows of the session and of each consent. */
  session: SessionState;
  /**
   * Nickname and avatar, after `show`; cleared with the session. For this page only: the client rejects requests that contain them, and
   * they must not be put into persistent storage (`my.setStorage`).
   */
  display: DisplayValues | null;
  /** The masked phone number as the server stored it, after `savePhone`; cleared with the session. */
  phone: PhoneNumber | null;
  /**
   * The error of the last action, until the next one starts: `error.code` is `consent_refused` if the user declined. No part of the page
   * may depend on consent: keep the button and carry on.
   */
  error: MiniauthError | null;
  /** Whether an action is running. Disabling buttons with it is cosmetic: one press is never handled twice. */
  busy: boolean;
}

/** The state plus values derived from it. */
export interface KitView extends KitState {
  /** The member as the server stored it; `null` for a user who is not a member, and while unknown. */
  member: Member | null;
  /** What to do about `error`, as a Chinese sentence for the user; empty without an error. In English: `error.advice.en`. */
  advice: string;
}

/**
 * A page's actions. None of them rejects: an error is put into `error`, and the promise resolves to `undefined`. Call an action that takes
 * an event in the handler itself, before any `await`.
 */
export interface KitActs {
  /** The client's `login`: silent, asks the user nothing. */
  login(): Promise<Member | null | undefined>;
  /** The client's `getAuthUserInfo`, for the answer of an `AuthorizeButton` with the scope `userInfo`. The result is in `display`. */
  show(event: object, options: ConsentOptions): Promise<void>;
  /** The client's `authorize`, for a tap. The result is in `member`. */
  join(event: object, options: ConsentOptions): Promise<Member | undefined>;
  /** The client's `getPhoneNumber`, for the answer of an `AuthorizeButton` with the scope `phoneNumber`. The result is in `phone`. */
  savePhone(event: object, options: ConsentOptions): Promise<void>;
  /** The client's `logout`. Clears what was shown of the user. */
  logout(): Promise<void>;
  /** Anything else, such as a request of the page, with the same `busy` and `error`. */
  attempt<Value>(act: () => Value | Promise<Value>): Promise<Value | undefined>;
}

/** What an `AuthorizeButton` asks for: nickname and avatar, or the phone number. */
export type AuthorizeScope = 'userInfo' | 'phoneNumber';
