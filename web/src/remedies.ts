/**
 * What a person at the machine can do, by the server's stable codes. Its errors say what is wrong
 * and where; only for those whose cure is at the machine there is a line here.
 */
const remedies: Record<string, string> = {
  'camera-lost': 'Check the camera’s cable. The monitor keeps trying to open it again.',
  'camera-busy': 'Close the other program that uses the camera.',
  'disk-full': 'Copy recordings elsewhere and remove them here, or connect a larger disk.',
  'disk-gone': 'Connect the disk again. What it had acknowledged is on it.',
  'disk-unwritable': 'Check the disk and who owns the data folder.',
  'encoder-unavailable': 'Choose the software encoder in the settings.',
  'encoder-failed': 'Start the recording again; if that fails, restart the Pi.',
  'encoder-refused': 'Choose a smaller picture or the software encoder in the settings.',
};

export function remedyFor(code: string): string | null {
  return remedies[code] ?? null;
}
