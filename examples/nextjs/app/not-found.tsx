import Link from 'next/link';

export default function NotFound() {
  return (
    <main className="notice">
      <h1>There is no meeting here.</h1>
      <p>Its code has 1 to 128 characters.</p>
      <Link className="button primary" href="/" prefetch={false}>
        Home
      </Link>
    </main>
  );
}
