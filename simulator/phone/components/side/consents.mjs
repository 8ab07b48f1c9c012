import { shallowReactive, shallowRef, watch } from 'vue';
import facts from '../../../platform/facts.mjs';
import { sandbox } from '../../api.mjs';
import { hasAgreed, keepAgreed, relaunch, state } from '../../state.mjs';
import { entries, record, recordError } from '../../timeline.mjs';
import { render } from './consents.html';

const SCOPES = [
  { scope: 'auth_user', zh: '会员信息', en: 'member information, read by the server' },
  { scope: 'userInfo', zh: '昵称、头像', en: 'display on the page' },
  { scope: 'phoneNumber', zh: '手机号', en: 'phone number' },
];

/** The chosen user's consents, which can be granted and withdrawn, and the active profiles. */
export const Consents = {
  name: 'side-consents',
  render,
  setup() {
    const consents = shallowReactive({});
    const agreed = shallowRef(hasAgreed());
    const profile = shallowRef(facts.defaultProfile());
    const look = async () => {
      try {
        for (const { scope } of SCOPES) consents[scope] = await sandbox.consent(state.user, scope);
        profile.value = facts.parseProfile(
          [facts.formatProfile(state.profiles, 'simulator'), await sandbox.profiles()].filter(Boolean).join(','),
        );
      } catch (error) {
        recordError(error, 'sandbox');
      }
      agreed.value = hasAgreed();
    };
    void look();
    // Changes made by a panel or the gateway appear on the timeline: read the consents again.
    watch(
      () =>
        entries.filter(({ kind, action }) => kind === 'gateway-call' || kind === 'revocation' || (kind === 'panel' && action !== 'shown'))
          .length,
      () => void look(),
    );
    return {
      SCOPES,
      state,
      consents,
      agreed,
      profile,
      profiles: facts.profiles,
      async grant(scope) {
        await sandbox.decide(state.user, scope, 'accept');
        await look();
      },
      async withdraw(scope) {
        const entry = record('revocation', { user: state.user, scope, outcome: 'pending' });
        await sandbox.revoke(state.user, scope);
        entry.outcome = 'done';
        await look();
      },
      forgetAgreement() {
        keepAgreed(false);
        agreed.value = hasAgreed();
      },
      choose: (name, value) => relaunch({ profile: facts.formatProfile({ ...profile.value, [name]: value }) }),
      reset: () => relaunch({ profile: '' }),
      differs: (name) => profile.value[name] !== facts.profiles[name].values[0],
    };
  },
};
