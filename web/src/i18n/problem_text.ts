import type { Problem } from '../api/problem';
import type { Translate } from './translate';

/**
 * What to tell the user. The service speaks English, and precisely; in another language our own words for the code come first
 * and the service's sentence is the fallback.
 */
export function problemText(t: Translate, problem: Problem): string {
  const ours = t.maybe(`problem.${problem.code}`) ?? t.maybe(`problem.status.${problem.status}`);
  const theirs = problem.detail ?? problem.title;
  return t.language === 'en' ? (problem.detail ?? ours ?? theirs) : (ours ?? theirs);
}

/** What to say beside a field. */
export function fieldText(t: Translate, problem: Problem, detail: string): string {
  if (t.language === 'en') return sentence(detail);
  const alone = (problem.errors ?? []).length === 1;
  return (alone ? t.maybe(`problem.${problem.code}`) : undefined) ?? sentence(detail);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
