"""Routes by what they are about; each module has an `add_routes(api)`.

Routes are added to the application itself: an included router costs each request a detour.
"""
