import { sandbox } from '../api.mjs';
import { state } from '../state.mjs';
import { CallFault } from './call-fault.mjs';
import { askConsent } from './consent.mjs';

const SCOPES = ['auth_base', 'auth_user'];

/** Whether getAuthCode('auth_user') succeeded since the mini-program was started: getAuthUserInfo depends on it. */
let authorised = false;

/** `my.getAuthCode`: silent for auth_base; auth_user asks the user unless consent was given before. */
export async function getAuthCode({ scopes = 'auth_base' }) {
  const list = Array.isArray(scopes) ? scopes : [scopes];
  if (list.length === 0 || !list.every((scope) => SCOPES.includes(scope)))
    {throw new CallFault(3, `no result: unknown scope in ${JSON.stringify(scopes)}`);}
  const wantsUser = list.includes('auth_user');
  if (wantsUser) await requireConsent('getAuthCode');
  const { auth_code: authCode, scopes: granted } = await sandbox.authCode(state.user, list);
  if (wantsUser) authorised = true;
  return { authCode, authSuccessScopes: granted, authErrorScopes: {} };
}

/** `my.getAuthUserInfo`: shows no panel; works only after getAuthCode('auth_user') succeeded. */
export async function getAuthUserInfo() {
  if (!authorised) throw new CallFault(10, 'no data: getAuthCode with auth_user has not succeeded yet');
  const { code, msg, nickName, avatar } = await sandbox.displayInfo(state.user);
  if (code !== '10000') throw new CallFault(10, `no data: ${msg}`);
  return { nickName, avatar };
}

/** `my.getOpenUserInfo`: asks the user where there is no consent; its answer is a JSON text inside a JSON text. */
export async function getOpenUserInfo() {
  let response = await sandbox.displayInfo(state.user);
  if (response.code === '40003') {
    const decision = await consentDecision('getOpenUserInfo');
    if (decision === 'back') throw new CallFault(3, 'no result: the user closed the panel');
    if (decision === 'accept') response = await sandbox.displayInfo(state.user);
  }
  return { response: JSON.stringify({ response }) };
}

/** What the authorising button does at a tap, before its event is fired. */
export function authorizeByButton() {
  return requireConsent('getAuthorize button');
}

async function requireConsent(reason) {
  const decision = await consentDecision(reason);
  if (decision === 'refuse') throw new CallFault(11, 'the user refused the authorisation');
  if (decision === 'back') throw new CallFault(3, 'no result: the user closed the panel');
}

/** Consent that was given before is not asked for again. */
async function consentDecision(reason) {
  const request = await sandbox.consent(state.user);
  if (request.granted) return 'accept';
  const decision = await askConsent(request, reason);
  if (decision !== 'back') await sandbox.decide(state.user, decision);
  return decision;
}
