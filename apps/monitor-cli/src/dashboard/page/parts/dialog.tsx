// A modal dialog of the browser itself: it keeps the focus, gives it back, and Escape closes it.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface DialogProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly onLeave: () => void;
}

export function Dialog({ label, children, onLeave }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const cancel = (event: Event): void => {
    event.preventDefault();
    onLeave();
  };
  return (
    <dialog ref={dialog} aria-label={label} onCancel={cancel}>
      {children}
    </dialog>
  );
}
