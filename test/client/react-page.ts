import { createElement, StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useRoom } from '../../client/src/react.ts';

const query = new URLSearchParams(location.search);
const url = query.get('server')!;
const peerId = query.get('peer')!;
let renders = 0;

function Meeting({ room, camera }: { room: string; camera: boolean }) {
  const [stream, setStream] = useState<MediaStream>();
  useEffect(() => {
    if (camera) void navigator.mediaDevices.getUserMedia({ video: true, audio: true }).then(setStream);
  }, [camera]);
  const view = useRoom({ url, room, peerId, stream, getToken: () => '' });
  renders++;
  Object.assign(window, { view, renders, stream, setStream });
  return createElement(
    'div',
    null,
    createElement('p', { id: 'status' }, view.status),
    ...view.peers.map(({ id, streams, state }) =>
      createElement(
        'section',
        { key: id, id },
        String(state.name ?? ''),
        ...streams.map((one) =>
          createElement('video', {
            key: one.id,
            autoPlay: true,
            muted: true,
            ref: (video: HTMLVideoElement | null) => {
              if (video && video.srcObject !== one) video.srcObject = one;
            },
          }),
        ),
      ),
    ),
    ...view.chat.map(({ from, data }, n) => createElement('li', { key: n }, `${from}: ${data}`)),
  );
}

function Page() {
  const [place, setPlace] = useState<string | undefined>('r');
  const [camera, setCamera] = useState(query.get('late') === null);
  Object.assign(window, { setPlace, setCamera });
  return place === undefined ? null : createElement(Meeting, { room: place, camera });
}

createRoot(document.getElementById('root')!).render(createElement(StrictMode, null, createElement(Page)));
