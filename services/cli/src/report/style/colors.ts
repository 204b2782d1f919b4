/** Text keeps a contrast of 4.5 to 1 and lines one of 3 to 1 with the page, in light and in dark. */
const light = `
--page:#fff;--text:#1b2430;--quiet:#566170;--rule:#d9dee5;--grid:#e9ecf0;--link:#175cab;
--azure:#7d8998;--headroom:#a3217f;--metric:#175cab;--other:#7a3fa0;--band:#eef1f5;--shade:#fbe3c0;--held:#c06a00;
--good:#1a7a45;--warn:#8a5300;--bad:#b3261e;
--p1:#dbe4ef;--p2:#b9cfe8;--p3:#f3d19b;--p4:#d9d3e6;--p5:#bfe0d8;--on-part:#1b2430`;

const dark = `
--page:#14181d;--text:#e7eaee;--quiet:#a4aebb;--rule:#363e49;--grid:#262c34;--link:#82b7ff;
--azure:#8b97a5;--headroom:#ff93d6;--metric:#82b7ff;--other:#d2a3f5;--band:#1f252d;--shade:#4a3613;--held:#f0a742;
--good:#65d092;--warn:#f0b95a;--bad:#ff8d84;
--p1:#3a4a5c;--p2:#2f5b8a;--p3:#76541b;--p4:#55497a;--p5:#1f665a;--on-part:#f3f5f7`;

export const colors = `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}`;
