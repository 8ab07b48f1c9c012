/** The visible share at which an element counts as having appeared. */
const SEEN = 0.5;

/** The browser's event names, and the platform's. */
const MOTIONS = {
  transitionend: 'transitionEnd',
  animationstart: 'animationStart',
  animationiteration: 'animationIteration',
  animationend: 'animationEnd',
};

/**
 * Reports events of an element that the user does not cause: appearing, disappearing, transitions and animations.
 *
 * @param {Element} element
 * @param {(type: string) => boolean} listens
 * @param {(type: string) => void} fire
 * @returns {() => void} stops watching
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
  return new IntersectionObserver(
    (entries) => {
      for (const { intersectionRatio } of entries) {
        const wasSeen = isSeen;
        isSeen = intersectionRatio >= SEEN;
        if (isSeen === wasSeen) continue;
        if (isSeen && !appeared) fire('firstAppear');
        appeared ||= isSeen;
        fire(isSeen ? 'appear' : 'disappear');
      }
    },
    { threshold: SEEN },
  );
}
