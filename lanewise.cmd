@echo off
rem Starts the lanewise command on Windows: finds a JDK 25 or newer, builds the jar if there is none,
rem and runs it with the flags it needs. Settings, all optional:
rem   JAVA_HOME            the JDK to try first
rem   LANEWISE_JAVA_OPTS   more options for the JVM
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
if "%ROOT:~-1%"=="\" set "ROOT=%ROOT:~0,-1%"
set "JAR=%ROOT%\cli\target\lanewise.jar"
set "FOUND="

if defined JAVA_HOME call :try "%JAVA_HOME%"
if not defined FOUND for /f "delims=" %%J in ('where java 2^>nul') do if not defined FOUND call :tryjava "%%J"
if not defined FOUND for /d %%D in ("%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Java\*" "%ProgramFiles%\Microsoft\*" "%ProgramFiles%\Zulu\*" "%ProgramFiles%\Amazon Corretto\*" "%ProgramFiles%\BellSoft\*" "%USERPROFILE%\.jdks\*" "%USERPROFILE%\scoop\apps\temurin*-jdk\current") do if not defined FOUND call :try "%%~D"
if not defined FOUND (
  echo lanewise: no Java 25 or newer found: install a JDK 25 ^(adoptium.net^) or set JAVA_HOME to one 1>&2
  exit /b 1
)

if not exist "%JAR%" (
  where mvn >nul 2>nul
  if errorlevel 1 (
    echo lanewise: not built, and Maven is missing: install Maven 3.8 or newer 1>&2
    exit /b 1
  )
  echo lanewise: building, once; this takes a minute or two 1>&2
  if not exist "%ROOT%\cli\target" mkdir "%ROOT%\cli\target"
  call :build
  if errorlevel 1 (
    echo lanewise: the build failed: see %ROOT%\cli\target\launcher-build.log 1>&2
    exit /b 1
  )
)

rem A small heap: what a model needs lies outside it.
set HEAP=
if not defined LANEWISE_JAVA_OPTS set HEAP=-XX:+UseSerialGC -Xms24m
"%FOUND%\bin\java.exe" %HEAP% --add-modules jdk.incubator.vector -XX:-UsePerfData "-Dlanewise.home=%ROOT%" %LANEWISE_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%

:build
set "JAVA_HOME=%FOUND%"
call mvn -B -f "%ROOT%\pom.xml" -pl cli -am "-Dmaven.test.skip=true" "-Dformat.skip=true" package <nul >"%ROOT%\cli\target\launcher-build.log" 2>&1
exit /b %ERRORLEVEL%

:tryjava
for %%P in ("%~dp1..") do call :try "%%~fP"
exit /b 0

rem The release file answers without starting a JVM.
:try
if not exist "%~1\bin\java.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "VERSION="
for /f "tokens=2 delims==" %%V in ('findstr /b "JAVA_VERSION=" "%~1\release"') do set "VERSION=%%~V"
for /f "tokens=1 delims=.-+" %%V in ("%VERSION%") do set "VERSION=%%V"
if not defined VERSION exit /b 0
if %VERSION% GEQ 25 set "FOUND=%~1"
exit /b 0
