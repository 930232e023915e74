import type { ComponentChildren, JSX } from 'preact';

interface GroupProps {
  /** By which this browser remembers whether it is open. */
  id: string;
  title: string;
  class?: string;
  /** Until somebody opens or closes it. */
  open?: boolean;
  children: ComponentChildren;
}

/** A group of settings under its title, which opens and closes it. */
export function Group({ id, title, open = false, children, ...others }: GroupProps): JSX.Element {
  const key = `pi-monitor.group.${id}`;
  const remembered = localStorage.getItem(key);
  return (
    <details
      id={`group-${id}`}
      class={`group ${others.class ?? ''}`}
      open={remembered === null ? open : remembered === 'open'}
      onToggle={(event) => localStorage.setItem(key, event.currentTarget.open ? 'open' : 'closed')}
    >
      <summary>
        <h3>{title}</h3>
      </summary>
      <div class="group-body">{children}</div>
    </details>
  );
}

/** What is inside a closed group cannot be seen, nor take the focus: opens the group, then gives it. */
export function reveal(element: HTMLElement | null): void {
  const group = element?.closest('details');
  if (group) group.open = true;
  element?.focus();
}
