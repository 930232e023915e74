import type { JSX } from 'preact';
import type { Problem } from '../api';

export const startFields = ['name', 'duration'];

/** What may be said before a recording; both may stay empty. */
export function StartFields({ problem }: { problem: Problem | null }): JSX.Element {
  const complaint = (field: string): JSX.Element | null =>
    problem?.field === field ? (
      <small id={`${field}-problem`} class="problem" role="alert">
        {problem.detail}
      </small>
    ) : null;
  return (
    <div class="start-fields">
      <label>
        Name
        <input
          name="name"
          autocomplete="off"
          placeholder="host and time"
          aria-invalid={problem?.field === 'name'}
          aria-describedby="name-problem"
        />
        {complaint('name')}
      </label>
      <label>
        Duration
        <input
          name="duration"
          autocomplete="off"
          placeholder="until stopped"
          title="90s, 15m, 2h"
          aria-invalid={problem?.field === 'duration'}
          aria-describedby="duration-problem"
        />
        {complaint('duration')}
      </label>
    </div>
  );
}
