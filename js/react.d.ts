/** For Taro with React 18: `miniauth/react`. */

import type { ReactElement, ReactNode } from 'react';
import { AuthorizeScope, KitActs, KitView } from './kit.js';
import { Auth, Member } from './miniauth.js';

export { AuthorizeScope } from './kit.js';

/**
 * Returns a client's state and actions for a component; stops with the component. The actions are the same on every render.
 *
 * @param auth from `createAuth`, created once for the app and not while rendering
 */
export function useAuth(auth: Auth): KitView & KitActs;

/**
 * Returns the member as the server stored it, for components that only show it; `null` for a user who is not a member, and while unknown.
 */
export function useMember(auth: Auth): Member | null;

export interface AuthorizeButtonProps {
  /** What it asks for. */
  scope: AuthorizeScope;
  /** Receives the platform's answer to a press, agreed or refused: pass the event to `show` or `savePhone`, which evaluates it. */
  onAnswer: (event: any) => unknown;
  children?: ReactNode;
  className?: string;
  style?: string | Record<string, string | number>;
  disabled?: boolean;
  id?: string;
  hoverClass?: string;
  loading?: boolean;
  plain?: boolean;
  size?: 'default' | 'mini';
  type?: 'primary' | 'default' | 'warn';
}

/** The platform's authorising button in Taro, complete with open type, scope, and one handler for both events. */
export function AuthorizeButton(props: AuthorizeButtonProps): ReactElement;
