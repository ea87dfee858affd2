import { Heading } from './heading.tsx';
import type { Recording } from './room.tsx';

interface LeftProps {
  /** Why, unless one has left. */
  reason: string | undefined;
  recordings: Recording[];
  onRejoin: () => void;
}

/** After the meeting. */
export function Left({ reason, recordings, onRejoin }: LeftProps) {
  return (
    <main className="notice">
      <Heading>
        {reason === undefined ? 'You have left the meeting.' : 'The meeting has ended for you.'}
      </Heading>
      {reason !== undefined && <p role="alert">{reason}</p>}
      <Downloads recordings={recordings} />
      <div className="ways">
        <button type="button" className="primary" onClick={onRejoin}>
          Join again
        </button>
        <a className="button" href="/">
          Home
        </a>
      </div>
    </main>
  );
}

/** The recordings, to be saved: nothing keeps them once the tab is closed. */
export function Downloads({ recordings }: { recordings: Recording[] }) {
  return recordings.map((recording) => (
    <a
      key={recording.url}
      className="button download"
      href={recording.url}
      download={recording.file}
      onClick={() => {
        recording.saved = true;
      }}
    >
      Download recording
    </a>
  ));
}
