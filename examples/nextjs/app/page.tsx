import { Logo } from '../components/icons.tsx';
import { join, newMeeting } from './actions.ts';

/** The home page works before any script has come. */
export default async function Home({ searchParams }: { searchParams: Promise<{ code?: string }> }) {
  const { code } = await searchParams;
  return (
    <main className="home">
      <header className="brand">
        <Logo />
        <span>Record Meet</span>
      </header>
      <section className="hero">
        <h1>Meet face to face, from browser to browser.</h1>
        <p>
          Sound and picture go straight to the others, encrypted end to end. Start a meeting and send its
          link, or type in the code you were sent.
        </p>
        <div className="ways">
          <form action={newMeeting}>
            <button type="submit" className="primary large">
              New meeting
            </button>
          </form>
          <span className="or">or</span>
          <form action={join} className="join">
            <label htmlFor="code" className="hidden">
              Meeting code
            </label>
            <input
              id="code"
              name="code"
              placeholder="Code or link"
              required
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              aria-describedby={code === undefined ? undefined : 'wrong'}
            />
            <button type="submit" className="large">
              Join
            </button>
          </form>
        </div>
        {code !== undefined && (
          <p id="wrong" role="alert" className="trouble">
            This is not the code of a meeting. It looks like <i>k7fm-2hxq-vt9c-ard4</i>.
          </p>
        )}
      </section>
      <ul className="promises">
        <li>
          <b>Only for those with the code</b>
          It is long and random: nobody guesses it.
        </li>
        <li>
          <b>Outlives bad networks</b>
          The call goes on over lost connections and restarts of the server.
        </li>
        <li>
          <b>Four words to be sure</b>
          Read them to each other: if they differ, somebody may listen in between.
        </li>
      </ul>
    </main>
  );
}
