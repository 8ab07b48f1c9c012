import { CallFault } from './call-fault.mjs';

/** The title bar of a page without its own settings. */
const USUAL_BAR = { titleBarColor: '#ffffff', frontColor: '#000000', borderColor: '', titleImage: '' };

/**
 * The calls that change what surrounds the front page: title bar, loading indicator, pull to refresh, tabs. Methods are named like the
 * calls; each returns what `success` gets besides `success: true`.
 *
 * @typedef {object} ScreenPort the screen itself
 * @property {() => any} front the page in front
 * @property {(page: any) => boolean} isFirst whether it is the lowest page of the stack
 * @property {(page: any) => object} read reads the surroundings of a page
 * @property {(page: any, fields: object) => void} change changes the surroundings of a page
 * @property {() => number} tabs returns the number of tabs
 * @property {(index: number, fields: object) => void} changeTab
 * @property {(fields: object) => void} changeTabBar
 * @property {(page: any, to: { scrollTop?: number, selector?: string, offsetTop?: number, duration?: number }) => void} scroll
 * @property {(page: any, from: 'code' | 'manual') => void} pulled tells page logic that the page was pulled down
 * @property {() => void} hideToast
 * @property {() => void} hideKeyboard
 * @property {(query: { page?: any, queries: object[] }) => Promise<object[]>} measure
 * @property {(query: { page?: any }, hear: (value: object) => void) => () => void} observe until the returned function is called
 */
export class Screen {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** Timers of loading indicators that are shown later, by page. */
    this.delayed = new Map();
  }

  get screen() {
    return this.ports.screen;
  }

  /** The indicator belongs to its page: a page opened meanwhile shows none. */
  showLoading({ content = '', mask = true, delay = 0 }) {
    const page = this.screen.front();
    this.#forget(page);
    const show = () => this.screen.change(page, { loading: { content: String(content), mask: mask !== false } });
    if (Number(delay) > 0) this.delayed.set(page, this.ports.clock.setTimeout(show, Number(delay)));
    else show();
  }

  hideLoading({ page = this.screen.front() }) {
    this.#forget(page);
    this.screen.change(page, { loading: null });
  }

  #forget(page) {
    this.ports.clock.clearTimeout(this.delayed.get(page));
    this.delayed.delete(page);
  }

  hideToast() {
    this.screen.hideToast();
  }

  setNavigationBar({ title, image, frontColor, backgroundColor, borderBottomColor, reset }) {
    const named = { title, titleImage: image, frontColor, titleBarColor: backgroundColor, borderColor: borderBottomColor };
    const given = Object.entries(named).filter(([, value]) => value !== undefined);
    const changes = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
    this.screen.change(this.screen.front(), { ...(reset === true && USUAL_BAR), ...changes });
  }

  setNavigationBarTitle({ title, image }) {
    this.setNavigationBar({ title, image });
  }

  setNavigationBarColor({ backgroundColor, frontColor }) {
    this.setNavigationBar({ backgroundColor, frontColor });
  }

  showNavigationBarLoading() {
    this.screen.change(this.screen.front(), { titleLoading: true });
  }

  hideNavigationBarLoading() {
    this.screen.change(this.screen.front(), { titleLoading: false });
  }

  /** The documents' example ends with the opacity. */
  getTitleColor() {
    return { color: `${this.screen.read(this.screen.front()).titleBarColor ?? USUAL_BAR.titleBarColor}FF` };
  }

  /** Does nothing: the simulator has no home button; pages other than the first have a back button. */
  hideBackHome() {}

  setBackgroundColor({ backgroundColor }) {
    if (backgroundColor !== undefined) this.screen.change(this.screen.front(), { backgroundColor: String(backgroundColor) });
  }

  setBackgroundTextStyle({ textStyle }) {
    this.screen.change(this.screen.front(), { pullStyle: textStyle });
  }

  setCanPullDown({ canPullDown }) {
    this.screen.change(this.screen.front(), { pullRefresh: canPullDown === true });
  }

  startPullDownRefresh() {
    this.pull(this.screen.front(), 'code');
  }

  stopPullDownRefresh() {
    this.screen.change(this.screen.front(), { refreshing: false });
  }

  /** Pulls the page down, for code or for the person. */
  pull(page, from) {
    this.screen.change(page, { refreshing: true });
    this.screen.pulled(page, from);
  }

  pageScrollTo({ scrollTop, selector, offsetTop, duration }) {
    if (scrollTop === undefined && selector === undefined) throw CallFault.of(this.ports.facts, 'pageScrollTo', 1);
    this.screen.scroll(this.screen.front(), { scrollTop, selector, offsetTop, duration });
  }

  hideKeyboard() {
    this.screen.hideKeyboard();
  }

  /** Assumed: only the back button asks, not my.navigateBack. */
  enableAlertBeforeUnload({ message }) {
    const { defaults } = this.ports.facts.call('enableAlertBeforeUnload');
    this.screen.change(this.#pageAbove('enableAlertBeforeUnload'), { alertBeforeUnload: String(message ?? defaults.message) });
  }

  disableAlertBeforeUnload() {
    this.screen.change(this.#pageAbove('disableAlertBeforeUnload'), { alertBeforeUnload: undefined });
  }

  /** The front page, if the person can go back from it. */
  #pageAbove(name) {
    const page = this.screen.front();
    if (page === null) throw CallFault.of(this.ports.facts, name, 7);
    if (this.screen.isFirst(page)) throw CallFault.of(this.ports.facts, name, 8);
    return page;
  }

  // A vibration is only a line on the timeline.
  vibrate() {}

  vibrateShort() {}

  vibrateLong() {}

  setTabBarBadge({ index, text }) {
    this.#changeTab('setTabBarBadge', index, { badge: String(text) });
  }

  removeTabBarBadge({ index }) {
    this.#changeTab('removeTabBarBadge', index, { badge: '' });
  }

  showTabBarRedDot({ index }) {
    this.#changeTab('showTabBarRedDot', index, { dot: true });
  }

  hideTabBarRedDot({ index }) {
    this.#changeTab('hideTabBarRedDot', index, { dot: false });
  }

  setTabBarItem({ index, text, iconPath, selectedIconPath }) {
    const given = Object.entries({ text, icon: iconPath, activeIcon: selectedIconPath }).filter(([, value]) => value !== undefined);
    this.#changeTab('setTabBarItem', index, Object.fromEntries(given));
  }

  #changeTab(name, index, fields) {
    if (!Number.isInteger(index) || index < 0 || index >= this.screen.tabs()) {
      const { text } = this.ports.facts.errorOf(name, 2);
      throw new CallFault(2, text.replace('${index}', String(index)));
    }
    this.screen.changeTab(index, fields);
  }

  setTabBarStyle({ color, selectedColor, backgroundColor, borderStyle }) {
    if ([color, selectedColor, backgroundColor, borderStyle].some((value) => typeof value !== 'string')) {
      throw CallFault.of(this.ports.facts, 'setTabBarStyle', 2);
    }
    this.screen.changeTabBar({ color, selectedColor, backgroundColor });
  }

  showTabBar() {
    this.screen.changeTabBar({ hidden: false });
  }

  hideTabBar() {
    this.screen.changeTabBar({ hidden: true });
  }
}
