const RINGS = 26;
const POINTS = 420;
const SIZE = 600;

/** One wavy closed line of a rosette, as they are engraved on banknotes. */
function ring(index: number): string {
  const share = index / RINGS;
  const radius = 70 + share * 210;
  const depth = 12 + share * 38;
  const spots = Array.from({ length: POINTS + 1 }, (_, point) => {
    const angle = (point / POINTS) * 2 * Math.PI;
    const wave = Math.sin(angle * 12 + share * 5) * depth + Math.cos(angle * 5 - share * 3) * depth * 0.5;
    const x = SIZE / 2 + Math.cos(angle) * (radius + wave);
    const y = SIZE / 2 + Math.sin(angle) * (radius + wave);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${spots.join('L')}Z`;
}

const PATHS = Array.from({ length: RINGS }, (_, index) => ring(index));

/** Ornament. */
export const Guilloche = () => (
  <svg viewBox={`0 0 ${SIZE} ${SIZE}`} className="h-full w-full text-accent" fill="none" aria-hidden="true">
    {PATHS.map((path) => (
      <path key={path.slice(0, 24)} d={path} stroke="currentColor" strokeWidth="0.75" strokeOpacity="0.5" />
    ))}
  </svg>
);
