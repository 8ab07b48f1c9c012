/** For Taro with React 18: `miniauth/react`. */

import type { ReactElement, ReactNode } from 'react';
import { AuthorizeScope, KitActs, KitView } from './kit.js';
import { Auth, Member } from './miniauth.js';

export { AuthorizeScope } from './kit.js';

/**
 * What a component shows of a client, and what it does with it. Ends with the component. The acts stay the same from one rendering to
 * the next.
 *
 * @param auth what `createAuth` made, once for the app and not while rendering
 */
export function useAuth(auth: Auth): KitView & KitActs;

/** The member as the server stored it, for components that only show it; `null` for a user who is none, and while it is not known. */
export function useMember(auth: Auth): Member | null;

export interface AuthorizeButtonProps {
  /** What it asks for. */
  scope: AuthorizeScope;
  /**
   * Hears what the platform says to a press, agreed or refused: pass the event on to `show` or `savePhone`, which finds out.
   */
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

/** The platform's authorising button in Taro, with all that it needs: its open type, its scope, and one handler for both events. */
export function AuthorizeButton(props: AuthorizeButtonProps): ReactElement;
