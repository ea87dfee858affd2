import { useEffect, useState } from 'react';
import type { Person } from '../lib/person.ts';
import { safetyCode } from '../lib/safety-code.ts';
import { CopyLink } from './copy-link.tsx';
import { Icon } from './icons.tsx';
import { SidePanel } from './side-panel.tsx';

interface PeopleProps {
  people: readonly Person[];
  connections: ReadonlyMap<string, RTCPeerConnection> | undefined;
  onClose: () => void;
}

/** Who is here, and the safety code for each of them. */
export function People({ people, connections, onClose }: PeopleProps) {
  // Browsers have it in secure contexts alone.
  const canCompute = crypto.subtle !== undefined;
  return (
    <SidePanel title="Participants" onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with the keyboard */}
      <section className="log" aria-label="Who is here" tabIndex={0}>
        <ul className="people">
          {people.map((person) => (
            <li key={person.id}>
              <span className="who">
                <span className="name">{person.own ? `${person.name} (you)` : person.name}</span>
                {person.recording && <Mark icon="record" text="recording" />}
                {person.hand && <Mark icon="hand" text="hand raised" />}
                {person.muted && <Mark icon="muted" text="muted" />}
              </span>
              {!person.own && canCompute && <SafetyCode connection={connections?.get(person.id)} />}
            </li>
          ))}
        </ul>
        {people.length > 1 && !canCompute && (
          <p className="explained">There are safety codes on https pages and on localhost alone.</p>
        )}
        {people.length > 1 && canCompute && (
          <details className="explained">
            <summary>What the four words are for</summary>
            <p>
              Read them to each other. If the two screens show different words, somebody may sit between you
              and listen: the signaling server, or whoever has taken it over. The same four speak for a call
              that is encrypted all the way.
            </p>
            <p>
              They are no proof. Who serves this page could serve one that shows false words. And with very
              many computers one could find keys that make the same four, while the call comes up.
            </p>
            <p>
              They do not tell who the other one is: that, you hear by the voice. They stand for these two
              browsers in this meeting, and are others the next time. A recording, or somebody who looks over
              a shoulder, they can’t rule out.
            </p>
          </details>
        )}
        <CopyLink />
      </section>
    </SidePanel>
  );
}

function Mark({ icon, text }: { icon: 'record' | 'hand' | 'muted'; text: string }) {
  return (
    <>
      <Icon name={icon} />
      <span className="hidden">{text}</span>
    </>
  );
}

function SafetyCode({ connection }: { connection: RTCPeerConnection | undefined }) {
  const [words, setWords] = useState<string[]>();
  useEffect(() => {
    let last = '';
    let ended = false;
    async function compute(): Promise<void> {
      if (connection?.signalingState !== 'stable') return;
      const { localDescription, remoteDescription } = connection;
      // Each negotiation asks again; the answer takes a while, and seldom is another one.
      const fingerprints = [localDescription, remoteDescription].flatMap((one) =>
        one?.sdp.match(/a=fingerprint.*/g),
      );
      const now = fingerprints.join();
      if (now === last) return;
      last = now;
      // No words are better than those of another connection.
      setWords(undefined);
      const code = await safetyCode(localDescription, remoteDescription);
      if (!ended && now === last) setWords(code);
    }
    const again = () => void compute();
    setWords(undefined);
    connection?.addEventListener('signalingstatechange', again);
    again();
    return () => {
      ended = true;
      connection?.removeEventListener('signalingstatechange', again);
    };
  }, [connection]);
  if (!words) return <span className="waits">Waits for the connection…</span>;
  return (
    <span className="code" data-safety-code>
      {words.join(' ')}
    </span>
  );
}
