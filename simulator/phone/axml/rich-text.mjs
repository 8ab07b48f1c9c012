import { h, resolveComponent } from 'vue';
import facts from '../../platform/facts.mjs';
import { COMMON_PROPS, useElement } from './element.mjs';

const { names: NAMES, attributes: ATTRIBUTES } = facts.components.tags['rich-text'].nodes;

/** `<rich-text>`: draws nodes or HTML, limited to the platform's allowed tags and attributes. */
export const AxmlRichText = {
  name: 'axml-rich-text',
  props: [...COMMON_PROPS, 'nodes'],
  setup(props) {
    const { attributes, styled } = useElement(props);
    return () => {
      const picture = resolveComponent('axml-image');
      const nodes = typeof props.nodes === 'string' ? fromHtml(props.nodes) : props.nodes;
      return h('axml-rich-text', attributes(), Array.isArray(nodes) ? nodes.map((node) => draw(node, { picture, styled })) : []);
    };
  },
};

function draw(node, { picture, styled }) {
  if (typeof node === 'string') return node;
  if (node?.type === 'text') return String(node.text ?? '');
  const name = String(node?.name ?? '').toLowerCase();
  if (!NAMES.includes(name)) return null;
  const given = Object.fromEntries(Object.entries(node.attrs ?? {}).filter(([attribute]) => ATTRIBUTES.includes(attribute)));
  if (name === 'img') return h(picture, { ...given, mode: 'widthFix' });
  return h(
    name,
    { ...styled(), ...given },
    (node.children ?? []).map((child) => draw(child, { picture, styled })),
  );
}

/** Parses HTML in a separate document, which loads and runs nothing. */
function fromHtml(text) {
  return [...new DOMParser().parseFromString(text, 'text/html').body.childNodes].map(toNode).filter(Boolean);
}

function toNode(node) {
  if (node.nodeType === Node.TEXT_NODE) return { type: 'text', text: node.data };
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const attrs = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
  return { name: node.localName, attrs, children: [...node.childNodes].map(toNode).filter(Boolean) };
}
