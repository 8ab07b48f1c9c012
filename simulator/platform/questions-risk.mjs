import { CallFault } from './call-fault.mjs';
import { outcomes } from './questions-cards.mjs';

/**
 * Calls of `my.ap` that the platform's servers answer: they check pictures and rate the risk of a user. Here the tester chooses the result.
 * Assumed: `riskResult` is JSON text (the documents show only a part), and my.ap.imgRisk checks its options like the others.
 */

const NOTE = '模拟器不做识别，请选择结果 · nothing is checked here: choose the result';
const BUSY = { action: 'SYSTEM_OUT_ERROR', text: '系统繁忙' };

const uniqueId = () => Math.random().toString(36).slice(2);
const json = (name, value) => JSON.stringify({ [name]: value });

/** The two calls for pictures name the code of a failure differently. */
function ofPictures({ error, message }) {
  return new CallFault(undefined, message, { errorCode: error });
}

/**
 * Builds the question for one of these calls.
 *
 * @param {string} name
 * @param {(facts: any, context: any) => Partial<import('./questions.mjs').Question>} shown
 * @param {(action: string, context: any) => object} answer what `success` gets
 * @returns {import('./questions.mjs').Asking}
 */
function judged(name, shown, answer) {
  const named = (fault) => (name.startsWith('ap.img') ? ofPictures(fault) : fault);
  return {
    panel({ pid, bizContext }, facts) {
      const refuse = (code) => named(CallFault.of(facts, name, code));
      const { risk_type: riskType, needs } = facts.call(name);
      const context = typeof bizContext === 'object' && bizContext !== null ? bizContext : {};
      if (Object.keys(context).length === 0) throw refuse('bizContentEmpty');
      if ([pid, ...needs.map((need) => context[need])].some((value) => value === undefined || value === ''))
        throw refuse('paramMissingError');
      if (context.risk_type !== riskType) throw refuse('riskTypeNoAuth');
      return { note: NOTE, sheet: true, ...shown(facts, context) };
    },
    settle({ action }, { bizContext }, fault) {
      if (action === BUSY.action || action === '4') throw named(fault(action));
      return answer(action, bizContext);
    },
  };
}

/** Builds the question for a user's risk: one of four ranks. */
function ranked(name, title) {
  return judged(
    name,
    (facts, context) => ({
      title,
      content: Object.entries(context)
        .filter(([, value]) => value !== 'null')
        .map(([field, value]) => `${field}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
        .join('\n'),
      choices: [...outcomes(facts, name, 'rank1'), BUSY],
    }),
    (rank, context) => ({
      result: {
        riskResult: json(context.risk_type, rank),
        riskResultDesc: json(rank, `等级 ${rank.slice('rank'.length)}`),
        uniqueId: uniqueId(),
      },
    }),
  );
}

/** @type {Record<string, import('./questions.mjs').Asking>} */
export const RISK = {
  'ap.imgRisk': judged(
    'ap.imgRisk',
    (_facts, { content }) => ({
      title: '提交图片识别',
      content: String(content),
      choices: [
        { action: 'ok', text: '提交', main: true },
        { action: '4', text: '无权调用 4' },
      ],
    }),
    () => ({ success: true, riskResult: json('apply_id', uniqueId()), riskResultDesc: '', uniqueId: uniqueId() }),
  ),
  'ap.imgRiskCallback': judged(
    'ap.imgRiskCallback',
    (facts, context) => ({
      title: '图片识别结果',
      content: String(context.apply_id),
      choices: [...outcomes(facts, 'ap.imgRiskCallback', 'PASSED'), BUSY],
    }),
    (action) => ({
      success: true,
      riskResult: json('action', action),
      riskResultDesc: json(action, action === 'PASSED' ? '放过' : '拦截'),
      uniqueId: uniqueId(),
    }),
  ),
  'ap.nsf': ranked('ap.nsf', '先享后付风险'),
  'ap.preventCheat': ranked('ap.preventCheat', '营销作弊风险'),
};
