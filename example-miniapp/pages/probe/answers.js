/**
 * The rows of platform/behaviours.json that this page can settle on a phone, and their possible answers. Only these words, and what `plain`
 * allows, ever get into the report.
 *
 * @type {Record<string, string[]>}
 */
const ANSWERS = {
  'event-time-stamp': ['epoch', 'relative'],
  'engine-web-assembly': ['there', 'absent'],
  'engine-my-web-assembly': ['there', 'absent'],
  'engine-global-this': ['there', 'absent'],
  'engine-big-int': ['there', 'absent'],
  'engine-text-decoder': ['there', 'absent'],
  'engine-crypto': ['there', 'absent'],
  'engine-queue-microtask': ['there', 'absent'],
  'auth-user-info': ['there', 'absent'],
  'guard-replaces': ['yes', 'no'],
  'storage-units': ['characters', 'bytes'],
  'storage-sync-fails': ['return', 'throw'],
  'request-promise': ['promise', 'task'],
  'promise-rejects-too': ['yes', 'no'],
  'request-whitelist': ['4', '11'],
  'request-status': ['success', '19'],
  'request-not-json': ['14', 'text'],
  'request-empty-body': ['14', 'success'],
  'request-content-type-twice': ['twice', 'once'],
  'auth-code-closed': ['3', '10'],
  'on-show-after-panel': ['page', 'app+page', 'none'],
  'on-show-order': ['before', 'after'],
  'auth-user-again': ['no', 'yes'],
  'open-user-info-asks': ['0', '1'],
  'open-user-info-plain-tap': ['40003', '10000'],
  'button-tap-first': ['first', 'later', 'never'],
  'button-event-types': ['getAuthorize', 'getauthorize'],
  'button-user-info-event': ['fires', 'absent'],
  'button-authorised': ['0', '1'],
  'get-setting': ['tells', 'silent'],
  'display-answer-text': ['text', 'object', 'flat'],
};

module.exports = { ANSWERS };
