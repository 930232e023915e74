import { useEffect, useState } from 'preact/hooks';
import type { DeskView } from '../../src/access/pairing-desk.js';
import type { Role } from '../../src/access/role.js';
import type { PairingView } from '../../src/http/routes/pairing.js';
import { asProblem, call } from './api';
import type { Problem } from './api';

const everyMs = 1000;

export interface PairingClient {
  desk: DeskView;
  pairings: PairingView[];
  problem: Problem | null;
  show: (role: Role) => Promise<void>;
  cancel: () => Promise<void>;
  remove: (id: string) => Promise<void>;
}

/** The code that is shown, asked for each second while it is, and whom the monitor is paired with. */
export function usePairing(): PairingClient {
  const [desk, setDesk] = useState<DeskView>({ shown: null, ended: null });
  const [pairings, setPairings] = useState<PairingView[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isShown = desk.shown !== null;

  /** Does it, if anything, and looks how things stand. */
  const attempt = async (deed?: () => Promise<unknown>): Promise<void> => {
    try {
      await deed?.();
      setDesk(await call<DeskView>('GET', '/pairing'));
      setPairings((await call<{ items: PairingView[] }>('GET', '/pairings')).items);
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  useEffect(() => {
    void attempt();
    if (!isShown) return;
    const timer = setInterval(() => void attempt(), everyMs);
    return () => clearInterval(timer);
  }, [isShown]);
  return {
    desk,
    pairings,
    problem,
    show: (role) => attempt(() => call('POST', '/pairing', { role })),
    cancel: () => attempt(() => call('DELETE', '/pairing')),
    remove: (id) => attempt(() => call('DELETE', `/pairings/${encodeURIComponent(id)}`)),
  };
}
