/**
 * The named subset of AXML: what this simulator knows. Everything else is a fault, never ignored.
 *
 * An attribute's rule: `any` takes every value; `flag` a boolean (bare, "true", "false" or an expression); an array
 * lists the literal values.
 */

const ANY = 'any';
const FLAG = 'flag';

/** Attributes of every tag but `block`. `data-*` is taken too. */
const COMMON_ATTRIBUTES = { class: ANY, style: ANY, id: ANY, hidden: FLAG };

/** Events of every tag but `block`: attribute -> event type. `catch` stops the bubbling. */
const COMMON_EVENTS = {
  onTap: { type: 'tap', stops: false },
  catchTap: { type: 'tap', stops: true },
};

const IMAGE_MODES = ['scaleToFill', 'aspectFit', 'aspectFill', 'widthFix', 'heightFix'];

/**
 * @typedef {{ type: string, stops: boolean }} EventRule
 * @typedef {{ attributes: Record<string, string | string[]>, events: Record<string, EventRule>, children: boolean }} TagRules
 * @type {Record<string, TagRules>}
 */
const TAGS = {
  view: tag({ 'hover-class': ANY }),
  text: tag({}),
  button: tag(
    {
      'hover-class': ANY,
      type: ['default', 'primary', 'ghost', 'warn'],
      size: ['default', 'mini'],
      disabled: FLAG,
      loading: FLAG,
      'form-type': ['submit', 'reset'],
      'open-type': ['getAuthorize'],
      scope: ['userInfo'],
    },
    { onGetAuthorize: 'getAuthorize', onError: 'error' },
  ),
  image: tag({ src: ANY, mode: IMAGE_MODES }, {}, { children: false }),
  input: tag(
    {
      name: ANY,
      value: ANY,
      type: ['text', 'number', 'digit', 'idcard'],
      placeholder: ANY,
      maxlength: ANY,
      disabled: FLAG,
      password: FLAG,
    },
    { onInput: 'input' },
    { children: false },
  ),
  form: tag({}, { onSubmit: 'submit', onReset: 'reset' }),
  'scroll-view': tag({ 'scroll-x': FLAG, 'scroll-y': FLAG }),
  label: tag({ for: ANY }),
  switch: tag({ name: ANY, checked: FLAG, disabled: FLAG }, { onChange: 'change' }, { children: false }),
};

/** `a:` directives, on every tag and on `block`. */
export const DIRECTIVES = ['a:if', 'a:elif', 'a:else', 'a:for', 'a:for-item', 'a:for-index', 'a:key'];

export const TAG_NAMES = [...Object.keys(TAGS), 'block'];

/** @param {string} name @returns {TagRules | undefined} */
export function tagRules(name) {
  return Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
}

function tag(attributes, events = {}, { children = true } = {}) {
  const own = Object.fromEntries(Object.entries(events).map(([name, type]) => [name, { type, stops: false }]));
  return { attributes: { ...COMMON_ATTRIBUTES, ...attributes }, events: { ...COMMON_EVENTS, ...own }, children };
}
