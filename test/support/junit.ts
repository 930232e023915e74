/** One case of a JUnit report. */
export interface JunitCase {
  name: string;
  /** The file's name without its folder. */
  file: string;
  seconds: number;
  /** What went wrong, one text for each failed check; none where the case passed. */
  failures: string[];
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

/** Reads a report as doctest's junit reporter writes it: double quotes, no CDATA, no comments. */
export function readJunit(xml: string): JunitCase[] {
  return [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)].map(
    ([, attributes = '', content = '']) => {
      const attribute = (name: string): string =>
        decode(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
      const failures = content.matchAll(/<(failure|error)[^>]*>(.*?)<\/\1>/gs);
      return {
        name: attribute('name'),
        file: attribute('classname'),
        seconds: Number(attribute('time')),
        failures: [...failures].map(([, , text = '']) => decode(text).trim()),
      };
    },
  );
}
