/** Who is drawn in the screenshots, in place of a camera's test card; see portrait.js. */
export const people = {
  Anna: { wall: '#cfdcd6', lamp: '#f7edc9', shirt: '#33658a', skin: '#f0c9a8', hair: '#6b3e26', long: true },
  Ben: { wall: '#e3d5c4', lamp: '#fbe7b8', shirt: '#5b7553', skin: '#8d5a3b', hair: '#201a18', long: false },
  Chiara: {
    wall: '#c9d3e3',
    lamp: '#fdf3d3',
    shirt: '#b4533c',
    skin: '#d9a67c',
    hair: '#33241c',
    long: true,
  },
  Dov: { wall: '#d8cfe0', lamp: '#f8ead0', shirt: '#444f63', skin: '#f3d3b6', hair: '#b98a4a', long: false },
  Emeka: {
    wall: '#d5dccb',
    lamp: '#fbeec6',
    shirt: '#a23e48',
    skin: '#6f4630',
    hair: '#17120f',
    long: false,
  },
  Freya: { wall: '#dcd6cf', lamp: '#fff1cc', shirt: '#2f6f6a', skin: '#f5d6bf', hair: '#d8b36a', long: true },
  Goro: { wall: '#c8d8dc', lamp: '#f6e8bf', shirt: '#6a5a8c', skin: '#e6bd94', hair: '#1d1a1c', long: false },
  Hana: { wall: '#e0d0d4', lamp: '#fdeecb', shirt: '#c58b2b', skin: '#c98f62', hair: '#2a1b16', long: true },
  Ivo: { wall: '#d0d6e2', lamp: '#f9ecc8', shirt: '#3d5a45', skin: '#eec39f', hair: '#8a4b2a', long: false },
} as const;
