import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flattened, joined, tellingParts, writtenForms } from '../src/searched.js';

test('an avatar is recognised by the parts that do not vary', () => {
  const cases = {
    'https://tfs.example/images/T1Z3FcXkdUaBcDeFgH_160X160.jpg?x=1': ['T1Z3FcXkdUaBcDeFgH'],
    'https://tfs.example/T1Z3FcXkdUaBcDeFgH@100w!small': ['T1Z3FcXkdUaBcDeFgH'],
    'http://a.example/vi_32/Q0j4TwGTfTIabcdefgh/132': ['Q0j4TwGTfTIabcdefgh'],
    'https://a.example/images/partner/zhang.png': ['images/partner/zhang'],
    'https://a.example/zhang.png': ['a.example/zhang'],
    'https://a.example/u?pic=T1Z3FcXkdU': ['a.example/u?pic=T1Z3FcXkdU'],
    'https://a.example/zhang_of_it_160x160.png': ['a.example/zhang_of_it', 'zhang_of_it_160x160.png'],
    'https://a.example/user-123456': ['a.example/user-123456'],
    avatar: ['avatar'],
  };
  for (const [address, parts] of Object.entries(cases)) assert.deepEqual(tellingParts(address), parts, address);
});

test('a text is searched in every normal form and in either case', () => {
  assert.deepEqual(new Set(writtenForms('é', false)), new Set(['é', 'É', 'e\u0301', 'E\u0301']));
  assert.ok(writtenForms('https://a.example/T1Z3FcXkdUaBcDeFgH', true).every((form) => /^t1z3fcxkduabcdefgh$/i.test(form)));
});

test("adjacent numbers become one text at the first one's place", () => {
  assert.deepEqual(flattened([229, 188, 160]), [1, '229,188,160']);
  assert.deepEqual(flattened({ 0: 229, 1: -68 }), [1, '229,-68']);
  assert.deepEqual(flattened({ a: ['x', 1, 2, null], 3: 4 }), [4, 2, '3', 1, '4', 'a', 3, 4, 1, 'x', 1, '1,2', 0, 0]);
  assert.deepEqual(flattened({ n: 1.5, o: true, e: [], f: {} }), [4, 4, 'n', 0, 'o', 0, 'e', 3, 0, 'f', 4, 0]);
});

test('flattened data is joined to one text, unless it contains bytes', () => {
  assert.equal(joined(flattened({ a: ['x'] })), '4\x7f1\x7fa\x7f3\x7f1\x7f1\x7fx');
  for (const bytes of [new ArrayBuffer(1), new Uint8Array(1), new DataView(new ArrayBuffer(1))]) {
    assert.equal(joined(flattened([bytes])), undefined);
  }
});
