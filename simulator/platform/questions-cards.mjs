import { CallFault } from './call-fault.mjs';

/** Calls that open the platform's own pages: the user's cards, tickets and vouchers, and the agreement to automatic payments. */

const NOTE = "模拟器没有平台自带的页面 · there is no page of the platform's own here";

/** The outcomes of a call that passes a code to `success`: one button for each. `main` is the code of the usual outcome. */
export function outcomes(facts, call, main) {
  return Object.entries(facts.call(call).results).map(([action, { text }]) => ({
    action,
    text: `${text} ${action}`,
    main: action === main,
  }));
}

/** A page with the user's items, or with those from one merchant. No source says what `success` receives, nor that a failure has number 2. */
function wallet(title, needs = []) {
  return {
    leaves: true,
    panel(fields) {
      const lacking = needs.find((name) => fields[name] === undefined);
      if (lacking) throw new CallFault(2, `${lacking} is required`);
      return {
        title,
        content: Object.entries(fields)
          .map(([name, value]) => `${name}: ${value}`)
          .join('\n'),
        note: NOTE,
        choices: [{ action: 'ok', text: '返回', main: true }],
      };
    },
    settle: () => ({}),
  };
}

/** A page with one item, found by its own id, or by the merchant's id and a serial number. */
function single(title) {
  return {
    ...wallet(title),
    panel(fields) {
      return wallet(title, fields.passId === undefined ? ['partnerId', 'serialNumber'] : []).panel(fields);
    },
  };
}

/** @type {Record<string, import('./questions.mjs').Asking>} */
export const CARDS = {
  openCardList: wallet('我的会员卡'),
  openMerchantCardList: wallet('商户会员卡', ['partnerId']),
  openCardDetail: wallet('会员卡', ['passId']),
  openVoucherList: wallet('我的券'),
  openMerchantVoucherList: wallet('商户的券', ['partnerId']),
  openVoucherDetail: single('券'),
  openKBVoucherDetail: single('口碑券'),
  openTicketList: wallet('我的票'),
  openMerchantTicketList: wallet('商户的票', ['partnerId']),
  openTicketDetail: single('票'),
  paySignCenter: {
    leaves: true,
    panel: ({ signStr }, facts) => ({
      title: '签约',
      content: String(signStr ?? ''),
      note: '没有签约，服务端也收不到通知 · nothing is signed, and no server is notified',
      sheet: true,
      choices: outcomes(facts, 'paySignCenter', '7000'),
    }),
    /** The simulator has no agreement that the gateway would have signed, so `result` is empty. */
    settle: ({ action }) => ({ resultStatus: action, result: '' }),
  },
};
