/** The share of an element that is seen, from which it has appeared. */
const SEEN = 0.5;

/** What the browser tells of an element, and what the platform calls it. */
const MOTIONS = { transitionend: 'transitionEnd', animationstart: 'animationStart', animationiteration: 'animationIteration', animationend: 'animationEnd' };

/**
 * Tells of what happens to an element without any act of the user: that it appears and disappears, and how its styles move.
 *
 * @param {Element} element
 * @param {(type: string) => boolean} listens
 * @param {(type: string) => void} fire
 * @returns {() => void} ends it
 */
export function watchElement(element, listens, fire) {
  const motions = Object.entries(MOTIONS).filter(([, type]) => listens(type));
  const hear = (cause) => cause.target === element && fire(MOTIONS[cause.type]);
  for (const [name] of motions) element.addEventListener(name, hear);
  const observer = listens('appear') || listens('disappear') || listens('firstAppear') ? appearing(fire) : null;
  observer?.observe(element);
  return () => {
    observer?.disconnect();
    for (const [name] of motions) element.removeEventListener(name, hear);
  };
}

function appearing(fire) {
  let appeared = false;
  let isSeen = false;
  return new IntersectionObserver((entries) => {
    for (const { intersectionRatio } of entries) {
      const wasSeen = isSeen;
      isSeen = intersectionRatio >= SEEN;
      if (isSeen === wasSeen) continue;
      if (isSeen && !appeared) fire('firstAppear');
      appeared ||= isSeen;
      fire(isSeen ? 'appear' : 'disappear');
    }
  }, { threshold: SEEN });
}
