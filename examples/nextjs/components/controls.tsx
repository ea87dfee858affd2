import type { ReactNode } from 'react';
import type { Media } from '../lib/media.ts';
import { Icon, type IconName } from './icons.tsx';
import { useMedia } from './use-media.ts';

interface ControlProps {
  icon: IconName;
  /** What a click does; where there is no room for it, it is there for screen readers and as a tooltip. */
  label: string;
  /** Shown under the icon: words of the label. */
  short?: string;
  onClick: () => void;
  /** As it is now, it wants to be noticed. */
  alert?: boolean;
  /** It is on, or its panel is open. */
  active?: boolean;
  expanded?: boolean;
  badge?: number;
}

/** A round button with an icon. */
export function Control({ icon, label, short, onClick, alert, active, expanded, badge = 0 }: ControlProps) {
  return (
    <button
      type="button"
      className="control"
      aria-label={label}
      aria-expanded={expanded}
      title={label}
      data-alert={alert || undefined}
      data-active={active || expanded || undefined}
      onClick={onClick}
    >
      <span className="circle">
        <Icon name={icon} />
        {badge > 0 && <span className="badge">{badge}</span>}
      </span>
      {short && <span className="short">{short}</span>}
    </button>
  );
}

/** Microphone and camera, on or off. */
export function MediaButtons({ media }: { media: Media }): ReactNode {
  const { muted, camera } = useMedia(media);
  return (
    <>
      <Control
        icon={muted ? 'muted' : 'microphone'}
        label={muted ? 'Unmute' : 'Mute'}
        short={muted ? 'Unmute' : 'Mute'}
        alert={muted}
        onClick={() => void media.toggle('audio')}
      />
      <Control
        icon={camera ? 'camera' : 'cameraOff'}
        label={camera ? 'Turn camera off' : 'Turn camera on'}
        short="Camera"
        alert={!camera}
        onClick={() => void media.toggle('video')}
      />
    </>
  );
}

/** What is open beside the tiles. */
export type Panel = 'chat' | 'people' | undefined;

interface ControlsProps {
  media: Media;
  hand: boolean;
  recording: boolean;
  layout: 'grid' | 'speaker';
  panel: Panel;
  unread: number;
  onHand: () => void;
  onRecord: () => void;
  onLayout: () => void;
  onPanel: (panel: Panel) => void;
  onSettings: () => void;
  onLeave: () => void;
}

/** The bar under the tiles. */
export function Controls(props: ControlsProps) {
  const { media, hand, recording, layout, panel, unread, onPanel } = props;
  const { screen } = useMedia(media);
  const toggle = (one: Panel) => () => onPanel(panel === one ? undefined : one);
  const canShare = navigator.mediaDevices !== undefined && 'getDisplayMedia' in navigator.mediaDevices;
  return (
    <fieldset className="bar" aria-label="Meeting">
      <MediaButtons media={media} />
      {canShare && (
        <Control
          icon="screen"
          label={screen ? 'Stop sharing' : 'Share screen'}
          short={screen ? 'Stop' : 'Screen'}
          active={screen !== undefined}
          onClick={() => void media.toggleScreen()}
        />
      )}
      <Control
        icon="hand"
        label={hand ? 'Lower hand' : 'Raise hand'}
        short="Hand"
        active={hand}
        onClick={props.onHand}
      />
      <Control
        icon="record"
        label={recording ? 'Stop recording' : 'Record'}
        short={recording ? 'Stop' : 'Record'}
        alert={recording}
        onClick={props.onRecord}
      />
      <Control
        icon={layout === 'grid' ? 'speaker' : 'grid'}
        label={layout === 'grid' ? 'Speaker view' : 'Grid view'}
        short={layout === 'grid' ? 'Speaker' : 'Grid'}
        onClick={props.onLayout}
      />
      <Control
        icon="chat"
        label={unread > 0 ? `Chat, ${unread} unread` : 'Chat'}
        short="Chat"
        badge={unread}
        expanded={panel === 'chat'}
        onClick={toggle('chat')}
      />
      <Control
        icon="people"
        label="Participants"
        short="Participants"
        expanded={panel === 'people'}
        onClick={toggle('people')}
      />
      <Control icon="settings" label="Settings" short="Settings" onClick={props.onSettings} />
      <button
        type="button"
        className="control leave"
        aria-label="Leave"
        title="Leave"
        onClick={props.onLeave}
      >
        <span className="circle">
          <Icon name="leave" />
        </span>
        <span className="short">Leave</span>
      </button>
    </fieldset>
  );
}
