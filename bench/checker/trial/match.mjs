// Compares the checker's findings in an app with the app's labels, by place only, as README.md says.

/** The greatest distance between a finding and its label, in lines, or in columns if the label has one. */
const LINES = 3;
const COLUMNS = 80;

/** The kinds of labels: the compared rule, the labels' places, and which labels break the rule, keep it or are open. */
export const KINDS = {
  consent: {
    rule: 'consent-without-tap',
    places: (label) => [label],
    verdict: ({ own_act }) => ({ no: 'breaks', yes: 'keeps', unreached: 'open' })[own_act],
    labels: (app) => app.consents,
  },
  display: {
    rule: 'display-only-forwarded',
    places: (label) => label.sink ?? [label.source],
    verdict: ({ leaves }) => ({ yes: 'breaks', no: 'keeps', unreached: 'open' })[leaves],
    labels: (app) => app.display,
  },
  button: {
    rule: 'authorize-button',
    places: (label) => [label],
    verdict: ({ button }) => ({ no: 'breaks', yes: 'keeps', unreached: 'open' })[button],
    labels: (app) => app.buttons,
    recallOnly: true,
  },
};

/** Returns the distance of a finding from a label; Infinity if it is elsewhere. */
function distance(place, label) {
  if (place.file !== label.file) return Infinity;
  if (label.column !== undefined) {
    const columns = Math.abs(place.column - label.column);
    return place.line === label.line && columns <= COLUMNS ? columns : Infinity;
  }
  const lines = Math.abs(place.line - label.line);
  return lines <= LINES ? lines : Infinity;
}

/**
 * Returns the label nearest to a finding. Of equally near ones, which share a wrapper, it prefers the one of the finding's source,
 * then one that breaks the rule.
 */
function nearest({ place, path }, labels, { places, verdict }) {
  const near = labels
    .map((label) => ({
      breaks: verdict(label) === 'breaks',
      far: Math.min(...places(label).map((each) => distance(place, each))),
      label,
      same: label.source && path[0] ? distance(path[0].place, label.source) < Infinity : false,
    }))
    .filter(({ far }) => far < Infinity);
  near.sort((one, other) => one.far - other.far || other.same - one.same || other.breaks - one.breaks);
  return near[0]?.label;
}

export const at = ({ file, line, column }) => [file, line, column].filter((part) => part !== undefined).join(':');

/** Merges findings with the same place and source. */
function distinct(findings) {
  const key = ({ place, path }) => [place, path[0]?.place].filter(Boolean).map(at).join(' ');
  return [...new Map(findings.map((finding) => [key(finding), finding])).values()];
}

/**
 * @param {object} app from labels.json
 * @param {object[]} findings of the checker's report
 * @param {keyof KINDS} kind
 * @returns the places that were found, missed, false and open
 */
export function compare(app, findings, kind) {
  const { rule, places, verdict, labels, recallOnly } = KINDS[kind];
  const all = labels(app);
  const met = new Set();
  const result = { found: [], missed: [], false: [], open: [] };
  for (const finding of distinct(findings.filter((each) => each.rule === rule))) {
    const { place } = finding;
    const label = nearest(finding, all, KINDS[kind]);
    const says = label && verdict(label);
    if (says === 'breaks') met.add(label);
    else if (says === 'open' || recallOnly) result.open.push(at(place));
    else result.false.push(at(place));
  }
  for (const part of ['open', 'false']) result[part] = [...new Set(result[part])];
  for (const label of all.filter((each) => verdict(each) === 'breaks')) {
    result[met.has(label) ? 'found' : 'missed'].push(at(places(label)[0]));
  }
  return result;
}
