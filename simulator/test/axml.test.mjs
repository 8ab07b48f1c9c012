import assert from 'node:assert/strict';
import test from 'node:test';
import { createSSRApp, h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { Source } from '../compile/fault.mjs';
import { compilePageView } from '../compile/template.mjs';
import { TAG_NAMES } from '../compile/vocabulary.mjs';

const HELPERS = {
  $text: (...parts) => parts.map((part) => part ?? '').join(''),
  $list: (value) => value ?? [],
  $flag: (value) => value,
  $style: (value) => value,
};

/** Compiles AXML and renders it with data; the components show the props that they receive. */
async function render(axml, data = {}) {
  const { code, faults } = compilePageView(new Source('page.axml', axml), {
    runtimeModule: import.meta.resolve('vue'),
  });
  assert.deepEqual(faults.map(String), []);
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const app = createSSRApp({ setup: () => () => module.render({ ...HELPERS, $: data }, []) });
  for (const tag of TAG_NAMES) {
    app.component(`axml-${tag}`, {
      inheritAttrs: false,
      setup:
        (_props, { attrs, slots }) =>
        () =>
          h('i', { tag, given: JSON.stringify(attrs) }, slots.default?.()),
    });
  }
  const html = await renderToString(app);
  return html
    .replace(/<!--.*?-->/g, '')
    .replace(/<i tag="([\w-]+)" given="(.*?)">/g, (_, tag, given) => `<${tag} ${given.replace(/&quot;/g, '"')}>`)
    .replace(/<\/i>/g, '</>');
}

test('text and expressions', async () => {
  assert.equal(await render('你好 {{name}}！{{1 + 2 * 3}} &lt;', { name: '张 <b>' }), '你好 张 &lt;b&gt;！7 &lt;');
  assert.equal(await render('{{a < b && b > a ? "是" : \'否\'}}', { a: 1, b: 2 }), '是');
  assert.equal(await render('[{{a.b[0].c}}] [{{none.of.this}}] [{{typeof none}}]', { a: { b: [{ c: 'x' }] } }), '[x] [] [undefined]');
  assert.equal(await render('{{ {a: 1}.a }} {{ [1, 2][1] }} {{ "}}" }}'), '1 2 }}');
  assert.equal(await render('{{(a)}} {{ (a && !b) ? (a) : b }} {{b === void 0}}', { a: 'a' }), 'a a true');
  assert.equal(await render('<view a:if="{{(a && b)}}">1</view><view a:else>2</view>', { a: 1 }), '<view {}>2</>');
  assert.equal(await render('{{Map}} {{item}} {{$text}}', { Map: 'm', item: 'i', $text: 't' }), 'm i t');
});

test('white space is kept only in <text>', async () => {
  assert.equal(await render('<view>\n  a\n  b\n</view>'), '<view {}>a b</>');
  assert.equal(await render('<text> a\n b </text>'), '<text {}> a\n b </>');
});

test('attributes: literal, bare, mixed, camel case, data-*', async () => {
  assert.equal(
    await render('<view class="a {{b}}" id="x" hover-class="h" />', { b: 'c' }),
    '<view {"class":"a c","id":"x","hoverClass":"h"}></>',
  );
  assert.equal(
    await render('<button disabled loading="{{no}}" size="mini" />', { no: false }),
    '<button {"disabled":true,"loading":false,"size":"mini"}></>',
  );
  assert.equal(
    await render('<view hidden="{{h}}" data-row-id="{{o}}" data-n="1" mark:myMark="{{o.p}}" />', { h: false, o: { p: 1 } }),
    '<view {"hidden":false,"dataset":{"rowId":{"p":1},"n":"1"},"marks":{"myMark":1}}></>',
  );
  assert.equal(await render('<view class=\'{{a ? "q" : ""}} "r"\' />', { a: true }), '<view {"class":"q \\"r\\""}></>');
});

test('a string in a flag is true whatever it says, as on the platform', async () => {
  assert.equal(await render('<view hidden="false" />'), '<view {"hidden":true}></>');
  assert.equal(await render('<view hidden="" />'), '<view {"hidden":false}></>');
  assert.equal(await render('<view hidden="{{a}}{{b}}" />', { a: false, b: false }), '<view {"hidden":true}></>');
});

test('events name a method of the page and their phase', async () => {
  const events = async (axml) => JSON.parse(/\{.*\}/.exec(await render(axml))[0]).events;
  assert.deepEqual(await events('<view onTap="a" />'), [{ type: 'tap', stops: false, captures: false, method: 'a' }]);
  assert.deepEqual(await events('<view catchTap="a" />'), [{ type: 'tap', stops: true, captures: false, method: 'a' }]);
  assert.deepEqual(await events('<view capture-onTap="a" />'), [{ type: 'tap', stops: false, captures: true, method: 'a' }]);
  assert.deepEqual(await events('<view capture-catchTap="a" />'), [{ type: 'tap', stops: true, captures: true, method: 'a' }]);
  assert.deepEqual(await events('<form onSubmit="c" />'), [{ type: 'submit', stops: false, captures: false, method: 'c' }]);
  assert.deepEqual(await events('<label onTap="a" />'), [], 'a label has no tap');
});

test('a:if, a:elif, a:else', async () => {
  const axml = '<view a:if="{{n === 1}}">one</view>\n<block a:elif="{{n === 2}}">two</block>\n<view a:else>many</view>';
  assert.equal(await render(axml, { n: 1 }), '<view {}>one</>');
  assert.equal(await render(axml, { n: 2 }), 'two');
  assert.equal(await render(axml, { n: 3 }), '<view {}>many</>');
});

test('a:for with its names, nested, and with a:if evaluated per item', async () => {
  assert.equal(await render('<block a:for="{{list}}">{{index}}{{item}} </block>', { list: ['a', 'b'] }), '0a1b');
  assert.equal(await render('<block a:for="{{none}}">{{item}}</block>'), '');
  assert.equal(
    await render(
      '<view a:for="{{rows}}" a:for-item="row" a:for-index="at" a:key="id"><text a:for="{{row.cells}}" a:key="*this">{{at}}{{index}}{{item}}</text></view>',
      {
        rows: [
          { id: 1, cells: ['x'] },
          { id: 2, cells: ['y', 'z'] },
        ],
      },
    ),
    '<view {}><text {}>00x</></><view {}><text {}>10y</><text {}>11z</></>',
  );
  assert.equal(
    await render('<text a:for="{{list}}" a:if="{{item > 1}}">{{item}}</text>', { list: [1, 2, 3] }),
    '<text {}>2</><text {}>3</>',
  );
});

test('comments are ignored', async () => {
  assert.equal(await render('<view><!-- {{ <x> --></view>'), '<view {}></>');
});
