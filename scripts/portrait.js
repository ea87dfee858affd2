// A camera for the screenshots: in place of the test card it films a drawing of `globalThis.portrait`.
const { wall, lamp, shirt, skin, hair, long, perSecond = 10, listens = false } = globalThis.portrait;
const { mediaDevices } = navigator;
const real = mediaDevices.getUserMedia.bind(mediaDevices);

mediaDevices.getUserMedia = async ({ audio, video }) => {
  if (audio && listens) throw new DOMException('There is none.', 'NotFoundError');
  const sound = audio ? (await real({ audio })).getTracks() : [];
  if (!video) return new MediaStream(sound);
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const context = canvas.getContext('2d');
  setInterval(() => draw(context, performance.now() / 1000), 1000 / perSecond);
  return new MediaStream([...canvas.captureStream(perSecond).getTracks(), ...sound]);
};

function draw(context, seconds) {
  const shape = (color, path) => {
    context.fillStyle = color;
    context.beginPath();
    path();
    context.fill();
  };
  const ellipse = (color, x, y, width, height) =>
    shape(color, () => context.ellipse(x, y, width, height, 0, 0, 2 * Math.PI));
  const box = (color, x, y, width, height, radius) =>
    shape(color, () => context.roundRect(x, y, width, height, radius));
  box(wall, 0, 0, 640, 480, 0);
  // A shelf with books, and a lamp.
  box('#0002', 40, 150, 170, 10, 3);
  for (const [index, color] of ['#c96f4a', '#e8d9b5', '#4f7a6b', '#33475b', '#d9a441'].entries())
    box(color, 52 + index * 27, 150 - 66 - (index % 3) * 9, 22, 66 + (index % 3) * 9, 3);
  ellipse(lamp, 548, 118, 60, 60);
  context.translate(0, 3 * Math.sin(seconds)); // breathes
  if (long) box(hair, 220, 130, 200, 270, 95);
  box(shirt, 150, 372, 340, 200, 95);
  box(skin, 285, 310, 70, 95, 34);
  ellipse('#0001', 320, 338, 35, 18);
  ellipse(skin, 320, 240, 84, 104);
  shape(hair, () => {
    context.moveTo(230, 235);
    context.bezierCurveTo(225, 95, 415, 95, 410, 235);
    context.bezierCurveTo(395, 170, 330, 185, 285, 172);
    context.bezierCurveTo(262, 180, 242, 200, 230, 235);
  });
  for (const x of [286, 354]) ellipse('#2b2320', x, 246, 7, 8);
  context.strokeStyle = '#7d3f36';
  context.lineWidth = 5;
  context.lineCap = 'round';
  context.beginPath();
  context.arc(320, 272, 30, 0.2 * Math.PI, 0.8 * Math.PI);
  context.stroke();
  context.resetTransform();
}
