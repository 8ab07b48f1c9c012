// A tool for developers of miniauth: finds out on a phone what no document says. Its result is to be sent to the project, which imports it
// with `cargo xtask platform import`.
const { emptyReport, settle } = require('./report');
const { settleSilently } = require('./silent');
const { settleRequests } = require('./requests');
const { askForMember, readDisplay, displaySetting, ShowWatch } = require('./panels');

/** How long the button's other events may take after the first, in milliseconds. */
const EVENTS_WITHIN = 1500;

/** Survives the page: a user who leaves it, because a call never answers, continues with the next step. */
let report = /** @type {ReturnType<typeof emptyReport> | undefined} */ (undefined);

/** Created when the page is first opened, to keep the app's start free of it. */
function theReport() {
  report = report || emptyReport();
  return report;
}

const YES_OR_NO = [
  { answer: 'yes', label: '弹出了' },
  { answer: 'no', label: '没有' },
];

const ASKED = '刚才有没有弹出授权弹窗？';

Page({
  data: {
    busy: false,
    question: '',
    /** The possible answers. */
    choices: YES_OR_NO,
    note: '',
    json: '',
    canCopy: typeof my.setClipboard === 'function',
  },

  watch: /** @type {InstanceType<typeof ShowWatch> | undefined} */ (undefined),

  answerQuestion: /** @type {((answer: 'yes' | 'no') => void) | undefined} */ (undefined),

  /** The types of the button's events since the press. */
  pressed: /** @type {string[]} */ ([]),

  onLoad() {
    if (Object.keys(theReport().rows).length > 0) this.setData({ json: JSON.stringify(theReport(), null, 1) });
  },

  onShow() {
    if (this.watch) this.watch.saw('page');
  },

  /** @param {ViewEvent} event */
  runSilently(event) {
    return this.step(async () => {
      await settleSilently(theReport(), event);
      await settleRequests(theReport());
      return '';
    });
  },

  closePanel() {
    return this.step(async () => {
      const watch = new ShowWatch(getApp());
      this.watch = watch;
      const ended = await askForMember();
      watch.saw('callback');
      if (ended.outcome === 'success') return '没有出现“关闭”的结果：可能您早已同意。先在支付宝里取消授权，再试一次。';
      settle(theReport(), 'auth-code-closed', ended.error);
      await watch.settle(theReport());
      this.watch = undefined;
      return '';
    });
  },

  agreeTwice() {
    return this.step(async () => {
      const first = await askForMember();
      if (first.outcome === 'fail') return '这一步需要您点“同意”。';
      await this.ask('已同意。点“继续”后会再请求一次，请留意是否又弹出授权弹窗。', [{ answer: 'yes', label: '继续' }]);
      const second = await askForMember();
      const again = await this.ask(ASKED);
      if (second.outcome === 'success') settle(theReport(), 'auth-user-again', again);
      return '';
    });
  },

  plainTap() {
    return this.step(async () => {
      if (await displaySetting()) return '您早已同意展示昵称与头像。先在支付宝里取消授权，再试一次。';
      const { code } = await readDisplay();
      const asked = await this.ask(ASKED);
      settle(theReport(), 'open-user-info-asks', asked === 'yes' ? '1' : '0');
      settle(theReport(), 'open-user-info-plain-tap', code);
      return '';
    });
  },

  /** @param {ViewEvent} event */
  buttonTapped(event) {
    this.pressed.push(event.type);
  },

  /**
   * Handles the button's result, from whichever event.
   *
   * @param {ViewEvent} event
   */
  buttonEnded(event) {
    this.pressed.push(event.type);
    if (this.data.busy) return undefined;
    return this.step(async () => {
      await new Promise((resolve) => void setTimeout(() => resolve(undefined), EVENTS_WITHIN));
      const types = this.pressed;
      this.pressed = [];
      return theReport().rows['button-event-types'] ? this.pressedAgain(types) : this.pressedFirst(types);
    });
  },

  /** @param {string[]} types */
  async pressedFirst(types) {
    if (types.indexOf('error') >= 0) return '这一步需要您点“同意”。';
    const tap = types.indexOf('tap');
    settle(theReport(), 'button-tap-first', tap === 0 ? 'first' : tap > 0 ? 'later' : 'never');
    settle(
      theReport(),
      'button-event-types',
      types.find((type) => /^getauthorize$/i.test(type)),
    );
    settle(theReport(), 'button-user-info-event', types.some((type) => /^getuserinfo$/i.test(type)) ? 'fires' : 'absent');
    const setting = await displaySetting();
    settle(theReport(), 'get-setting', setting === true ? 'tells' : 'silent');
    const { code, shape } = await readDisplay();
    if (code === '10000') settle(theReport(), 'display-answer-text', shape);
    return '请再按一次同一个按钮。';
  },

  /** @param {string[]} types */
  async pressedAgain(types) {
    const asked = await this.ask(ASKED);
    if (types.indexOf('error') < 0) settle(theReport(), 'button-authorised', asked === 'yes' ? '1' : '0');
    return '';
  },

  /**
   * @param {string} question
   * @param {{ answer: string, label: string }[]} [choices]
   * @returns {Promise<'yes' | 'no'>}
   */
  ask(question, choices = YES_OR_NO) {
    this.setData({ question, choices });
    return new Promise((resolve) => {
      this.answerQuestion = resolve;
    });
  },

  /** @param {ViewEvent} event */
  answer(event) {
    this.setData({ question: '' });
    if (this.answerQuestion) this.answerQuestion(event.currentTarget.dataset.answer === 'yes' ? 'yes' : 'no');
    this.answerQuestion = undefined;
  },

  copy() {
    // Some platforms lack it.
    const { setClipboard } = my;
    setClipboard({ text: this.data.json, success: () => my.showToast({ content: '已复制' }) });
  },

  /**
   * Runs one step at a time and shows the results so far.
   *
   * @param {() => Promise<string>} act returns a note for the user, or an empty string
   */
  async step(act) {
    if (this.data.busy) return;
    this.setData({ busy: true, note: '' });
    const note = await act().catch(() => '这一步出错了，没有记录结果。');
    this.setData({ busy: false, note, json: JSON.stringify(theReport(), null, 1) });
  },
});
