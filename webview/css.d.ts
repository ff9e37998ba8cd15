// Style sheets are bundled by the build: importing one makes it part of webview.css.
declare module "*.css";
