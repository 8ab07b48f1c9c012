/**
 * Correct and incorrect uses of `miniauth/vue` and `miniauth/react` in pages: each `@ts-expect-error` fails if there is no error.
 */
import type { ComputedRef } from 'vue';
import { h } from 'vue';
import type { DisplayValues, Member, MiniauthError, PhoneNumber, SessionState } from 'miniauth';
import { AuthorizeButton, useAuth, useMember } from 'miniauth/react';
import type { AuthorizeScope } from 'miniauth/react';
import { fakeAuth } from 'miniauth/testing';
import { useAuth as useVueAuth } from 'miniauth/vue';
import VueButton from 'miniauth/vue/AuthorizeButton.vue';

declare const event: object;

/** Fails to compile if `Actual` is not exactly `Expected`. */
function typed<Expected>() {
  return <Actual,>(_value: Actual & ([Actual, Expected] extends [Expected, Actual] ? unknown : never)) => undefined;
}

const auth = fakeAuth();
const purpose = '成为会员';

export async function stateAndActsAreTyped() {
  const { session, member, display, phone, error, advice, busy, ...acts } = useAuth(auth);
  typed<SessionState>()(session);
  typed<Member | null>()(member);
  typed<DisplayValues | null>()(display);
  typed<PhoneNumber | null>()(phone);
  typed<MiniauthError | null>()(error);
  typed<string>()(advice);
  typed<boolean>()(busy);
  typed<Member | null | undefined>()(await acts.login());
  typed<Member | undefined>()(await acts.join(event, { purpose }));
  typed<void>()(await acts.show(event, { purpose }));
  typed<void>()(await acts.savePhone(event, { purpose }));
  typed<void>()(await acts.logout());
  typed<number | undefined>()(await acts.attempt(async () => 7));
  typed<Member | null>()(useMember(auth));
  const refs = useVueAuth(auth);
  typed<ComputedRef<Member | null>>()(refs.member);
  typed<ComputedRef<string>>()(refs.advice);
  typed<Member | undefined>()(await refs.join(event, { purpose }));
  typed<'userInfo' | 'phoneNumber'>()('userInfo' as AuthorizeScope);
}

export function buttonsMayBeUsed() {
  h(VueButton, { scope: 'phoneNumber', buttonClass: 'blue', onAnswer: (given: object) => typed<object>()(given) });
  return (
    <AuthorizeButton scope="userInfo" className="blue" disabled={false} onAnswer={(given) => useAuth(auth).show(given, { purpose })}>
      显示昵称
    </AuthorizeButton>
  );
}

export function mayNotBeUsed() {
  // @ts-expect-error the client must be passed
  useAuth();
  // @ts-expect-error the argument is the client, not its options
  useVueAuth({ my: {}, server: 'https://api.shop.example' });
  // @ts-expect-error a consent needs a purpose
  void useAuth(auth).join(event);
  // @ts-expect-error in Vue, the state consists of refs
  void useVueAuth(auth).member.nickName;
  // @ts-expect-error there may be no member
  void useMember(auth).nickName;
  // @ts-expect-error the state is read-only
  useVueAuth(auth).member.value = null;
  // @ts-expect-error there is no such scope
  h(VueButton, { scope: 'userinfo', onAnswer() {} });
  // @ts-expect-error onAnswer is required
  void (<AuthorizeButton scope="userInfo" />);
  // @ts-expect-error there is no such scope
  void (<AuthorizeButton scope="auth_user" onAnswer={() => {}} />);
  // @ts-expect-error both events of the button arrive at onAnswer
  void (<AuthorizeButton scope="userInfo" onGetAuthorize={() => {}} onAnswer={() => {}} />);
}
